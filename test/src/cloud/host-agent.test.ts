import { expect, test } from "vitest";
import { cloud, image } from "../../../src/cloud/cloud.ts";
import { HostAgent } from "../../../src/cloud/host-agent.ts";
import { MemoryStore } from "../../../src/cloud/memory-store.ts";
import { defaultTimes, keys, type ReportRecord, vmReport } from "../../../src/cloud/records.ts";
import type { CloudHost, VmOrder } from "../../../src/cloud/cloud-host.ts";
import { hash32 } from "../../../src/cloud/backoff.ts";
import { World } from "../../../src/cloud/simulation/world.ts";
import { aHost } from "./fleet.ts";

const of = (cutOff: "hold" | "keep") =>
  cloud({ name: "dust", roles: { mote: { run: image("mote.ts"), count: 6, cutOff } } });

/** Two hosts of three VMs each; VMs that act while the second one is cut off and not given up yet. */
const actingWhileCut = (first: "hold" | "keep", then: "hold" | "keep"): readonly number[] => {
  const world = new World({ cloud: of(first), hosts: [aHost("a"), aHost("b")], seed: 1 });
  const { agenda, witness } = world;
  agenda.runUntil(60_000, () => world.isConverged);
  world.declare(of(then));
  agenda.runUntil(agenda.nowMs + 3000);
  world.cut(1, true);
  agenda.runUntil(agenda.nowMs + defaultTimes.holdAfterMs + 500);
  const cut = witness.acting;
  world.cut(1, false);
  agenda.runUntil(agenda.nowMs + 3000);
  return [cut, witness.acting, world.boots];
};

test("host agent: VMs that run are held or kept as was declared last", () => {
  expect(actingWhileCut("keep", "keep")).toEqual([6, 6, 6]);
  expect(actingWhileCut("keep", "hold")).toEqual([3, 6, 6]);
  expect(actingWhileCut("hold", "keep")).toEqual([6, 6, 6]);
});

/** One host whose VMs do what the test says; turns are as far apart as the agent asks for. */
function lone(vms: number) {
  const store = new MemoryStore((work) => work());
  const declared = cloud({ name: "dust", roles: { mote: { run: image("mote.ts"), count: vms } } });
  const reports: ReportRecord[] = [];
  const booted: VmOrder[] = [];
  let nowMs = 0;
  const host: CloudHost = {
    info: aHost("a"),
    bootsAtOnce: vms,
    boot: (vm) => booted.push(vm),
    stop: () => {},
    hold: () => {},
  };
  const agent = new HostAgent(host, { store, times: defaultTimes, now: () => nowMs });
  store.watch(
    keys.report("a"),
    ({ value }) => reports.push(value as ReportRecord),
    () => {},
  );
  const turnUntil = (untilMs: number): void => {
    while (nowMs < untilMs) nowMs = Math.min(untilMs, Math.max(nowMs + 1, agent.turn()));
  };
  store.write(keys.cloud, { cloud: declared }, 0);
  turnUntil(10);
  const version = hash32(declared.roles[0]?.fingerprint ?? "");
  const list = Array.from({ length: vms }, (_, ordinal) => [ordinal, ordinal + 1, version]).flat();
  store.write(keys.assignment("a"), { term: 1, seq: 1, incarnation: 1, vms: { mote: list } }, 0);
  turnUntil(20);
  return { agent, booted, reports, turnUntil };
}

test("host agent: VMs that start one by one are reported together, the more so the more there are", () => {
  const { agent, booted, reports, turnUntil } = lone(5000);
  expect(booted).toHaveLength(5000);
  const before = reports.length;
  for (const [n, vm] of booted.entries()) {
    agent.started(vm);
    turnUntil(20 + 2 * n);
  }
  turnUntil(13_000);
  const states = reports.at(-1)?.vms["mote"]?.filter((_, at) => at % 3 === 2) ?? [];
  expect(states.every((state) => state === vmReport.running)).toBe(true);
  // Ten seconds: a hundred of them without that.
  expect(reports.length - before).toBeGreaterThan(5);
  expect(reports.length - before).toBeLessThan(15);
});

test("host agent: however many end at once, and however much they say, it fits into one value of the store", () => {
  const { agent, booted, reports, turnUntil } = lone(5000);
  for (const vm of booted) agent.ended(vm, "no ".repeat(5000));
  turnUntil(5000);
  const last = reports.at(-1);
  expect(last?.vms["mote"]).toHaveLength(3 * 5000);
  expect(last?.reasons["mote/0"]).toHaveLength(1000);
  expect(JSON.stringify(last).length).toBeLessThan(512 * 1024);
});
