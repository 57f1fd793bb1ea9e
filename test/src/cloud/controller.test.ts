import { expect, test } from "vitest";
import { cloud, image } from "../../../src/cloud/cloud.ts";
import type { CloudEvent } from "../../../src/cloud/event.ts";
import { World } from "../../../src/cloud/simulation/world.ts";
import { aHost } from "./fleet.ts";

const dust = cloud({ name: "dust", roles: { mote: { run: image("mote.ts"), count: 9, cutOff: "keep" } } });

test("cloud controller: when its leader dies the next one says so, and nobody says that the store is away", () => {
  const events: CloudEvent[] = [];
  const hosts = ["a", "b", "c"].map((name) => aHost(name));
  const world = new World({ cloud: dust, hosts, seed: 1, onEvent: (event) => events.push(event) });
  const { agenda } = world;
  agenda.runUntil(60_000, () => world.isConverged);
  const leader = hosts[world.leaderIndex]?.name;
  const before = events.length;
  world.kill(world.leaderIndex);
  agenda.runUntil(agenda.nowMs + 30_000);
  const said = events.slice(before);
  const types = ["leading", "host_lost", "declared", "host_up", "host_up", "converged"];
  expect(said.map(({ type }) => type)).toEqual(types);
  expect(said[1]).toMatchObject({ host: leader, vms: 3 });
  expect([world.isConverged, world.witness.acting]).toEqual([true, 9]);

  const known = events.length;
  world.storeDown(true);
  agenda.runUntil(agenda.nowMs + 30_000);
  world.storeDown(false);
  agenda.runUntil(agenda.nowMs + 10_000);
  // Of both that are left.
  expect(events.slice(known).filter(({ type }) => type === "store_down")).toHaveLength(2);
  expect(events.slice(known).filter(({ type }) => type === "store_up")).toHaveLength(2);
});
