import { expect, test } from "vitest";
import { cloud, image, scaled } from "../../../src/cloud/cloud.ts";
import { aloneTimes, keys } from "../../../src/cloud/records.ts";
import { World } from "../../../src/cloud/simulation/world.ts";
import { type CloudStatus, statusOf } from "../../../src/cloud/status.ts";
import { aHost } from "./fleet.ts";

test("cloud status: every host that may lead knows it, and how old it is when the store is away; nothing is moved meanwhile", () => {
  const declared = cloud({
    name: "dust",
    roles: { mote: { run: image("mote.ts"), count: 20, cutOff: "keep" } },
  });
  const world = new World({ cloud: declared, hosts: ["a", "b", "c"].map((name) => aHost(name)), seed: 1 });
  const { agenda } = world;
  agenda.runUntil(60_000, () => world.isConverged);
  agenda.runUntil(agenda.nowMs + 5000);
  const all = (): readonly CloudStatus[] =>
    [0, 1, 2].flatMap((index) => world.controllerAt(index) ?? []).map((each) => statusOf(each, agenda.nowMs));
  const known = all();
  expect(known.length).toBe(3);
  for (const { knownAgoMs, ...status } of known) {
    expect(knownAgoMs).toBeLessThan(2500);
    expect(status).toMatchObject({
      cloud: "dust",
      converged: true,
      leader: known[world.leaderIndex]?.leader,
      roles: [{ role: "mote", wanted: 20, running: 20, degraded: 0 }],
      hosts: [{ vms: expect.any(Number) }, {}, {}],
    });
  }
  world.storeDown(true);
  agenda.runUntil(agenda.nowMs + 60_000);
  for (const { knownAgoMs, converged, roles } of all()) {
    expect(knownAgoMs).toBeGreaterThan(59_000);
    expect([converged, roles[0]?.running]).toEqual([true, 20]);
  }
  expect([world.boots, world.witness.acting]).toEqual([20, 20]);
  world.storeDown(false);
  agenda.runUntil(agenda.nowMs + 30_000);
  expect([world.boots, world.witness.acting, world.isConverged]).toEqual([20, 20, true]);
});

test("cloud times: a host that is the only one holds nothing, however long it hears of nobody", () => {
  const declared = cloud({ name: "dust", roles: { mote: { run: image("mote.ts"), count: 5 } } });
  const world = new World({ cloud: declared, hosts: [aHost("a")], seed: 1, times: aloneTimes });
  const { agenda } = world;
  agenda.runUntil(60_000, () => world.isConverged);
  world.storeDown(true);
  world.stall(0, 60_000);
  agenda.runUntil(agenda.nowMs + 60_000);
  expect(world.witness.acting).toBe(5);
  world.storeDown(false);
  agenda.runUntil(agenda.nowMs + 10_000);
  expect([world.witness.acting, world.boots, world.isConverged]).toEqual([5, 5, true]);
});

test("cloud status: every host that may lead knows when what was declared last is true", () => {
  const declared = cloud({ name: "dust", roles: { mote: { run: image("mote.ts"), count: 5 } } });
  const world = new World({ cloud: declared, hosts: ["a", "b", "c"].map((name) => aHost(name)), seed: 1 });
  const { agenda } = world;
  let revision = 0;
  world.network.server.watch(
    keys.cloud,
    (entry) => {
      ({ revision } = entry);
    },
    () => {},
  );
  const settled = (): readonly (boolean | undefined)[] =>
    [0, 1, 2].map((index) => world.controllerAt(index)?.isSettled(revision));
  expect(settled()).toEqual([false, false, false]);
  agenda.runUntil(agenda.nowMs + 10_000);
  expect([world.isConverged, settled()]).toEqual([true, [true, true, true]]);
  world.declare(scaled(declared, "mote", 8));
  expect(settled()).toEqual([false, false, false]);
  agenda.runUntil(agenda.nowMs + 10_000);
  expect(settled()).toEqual([true, true, true]);
  // It is emptied: nothing is left to be there.
  world.declare({ ...declared, roles: [] });
  agenda.runUntil(agenda.nowMs + 10_000);
  expect([world.witness.acting, settled()]).toEqual([0, [true, true, true]]);
});
