import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cloud, image, scaled } from "../../../src/cloud/cloud.ts";
import type { Cloud, RoleOptions } from "../../../src/cloud/declaration.ts";
import { obstacles } from "../../../src/cloud/obstacles.ts";
import { aHost, ModelFleet } from "./fleet.ts";

const run = image("mote.ts");
const motes = (count: number, more: Partial<RoleOptions<never>> = {}): Cloud =>
  cloud({ name: "dust", roles: { mote: { run, count, memoryMb: 1, ...more } } });

const made = (declared: Cloud, hosts: number): ModelFleet => {
  const fleet = new ModelFleet();
  for (let host = 0; host < hosts; host++) fleet.hostUp(aHost(`h${host}`, { region: `r${host % 3}` }));
  fleet.declare(declared);
  return fleet;
};

describe("cloud planner: placing", () => {
  test("spreads evenly, by the size of hosts", () => {
    const fleet = new ModelFleet();
    fleet.hostUp(aHost("small", { vmsMax: 10 }));
    fleet.hostUp(aHost("large", { vmsMax: 30 }));
    fleet.declare(motes(20));
    fleet.settle();
    expect([fleet.on("small").length, fleet.on("large").length]).toEqual([5, 15]);
    expect(fleet.planner.isConverged).toBe(true);
  });

  test("a lost host's VMs are placed elsewhere, and one that comes back is used again", () => {
    const fleet = made(motes(30), 3);
    fleet.settle();
    fleet.hostLost("h1");
    fleet.settle();
    expect([fleet.on("h0").length, fleet.on("h2").length]).toEqual([15, 15]);
    fleet.hostUp(aHost("h1"));
    fleet.declare(motes(40));
    fleet.settle();
    expect(fleet.on("h1").length).toBe(10);
  });

  test("keeps labels, regions, perHostMax and roles that stay apart", () => {
    const fleet = new ModelFleet();
    for (const [name, region, kind] of [
      ["a", "eu", "ssd"],
      ["b", "eu", "disk"],
      ["c", "us", "ssd"],
      ["d", "eu", "ssd"],
    ] as const)
      fleet.hostUp(aHost(name, { region, labels: { kind } }));
    const hosts = { regions: ["eu"], labels: { kind: "ssd" } };
    fleet.declare(
      cloud({
        name: "two",
        roles: {
          one: { run, count: 1, memoryMb: 1, hosts },
          other: { run, count: 3, memoryMb: 1, hosts, perHostMax: 2, apart: ["one"] },
        },
      }),
    );
    fleet.settle();
    expect([fleet.on("a").length, fleet.on("d").length]).toEqual([1, 2]);
    const [line = ""] = obstacles(fleet.planner, fleet.planner.roles[1] ?? never());
    expect(line).toMatch(
      /^other: 1 of 3 VMs find no place: 1 of 4 hosts have VMs of a role that it stays apart from/,
    );
    expect(line).toContain(
      "1 of 4 hosts lack label kind=ssd, 1 of 4 hosts lack region eu, 1 of 4 hosts have perHostMax 2",
    );
  });

  test("a skew that would be too large is not made, and said", () => {
    const fleet = made(motes(9, { spread: { over: "region", maxSkew: 1 } }), 3);
    fleet.settle();
    expect(["h0", "h1", "h2"].map((host) => fleet.on(host).length)).toEqual([3, 3, 3]);
    fleet.hostUp(aHost("h0", { region: "r0", vmsMax: 3 }));
    fleet.declare(motes(12, { spread: { over: "region", maxSkew: 1 } }));
    fleet.settle();
    expect(["h0", "h1", "h2"].map((host) => fleet.on(host).length)).toEqual([3, 4, 4]);
    expect(fleet.events.at(-1)).toMatchObject({
      type: "blocked",
      why: expect.stringContaining("maxSkew 1 forbids"),
    });
  });

  test("a budget of money opens no host more, and says by how much it is short", () => {
    const fleet = new ModelFleet();
    for (const [name, pricePerHour] of [
      ["dear", 5],
      ["cheap", 1],
      ["fair", 2],
    ] as const)
      fleet.hostUp(aHost(name, { vmsMax: 10, pricePerHour }));
    fleet.declare(
      cloud({ name: "dust", roles: { mote: { run, count: 25, memoryMb: 1 } }, budget: { moneyPerHour: 4 } }),
    );
    fleet.settle();
    expect(["dear", "cheap", "fair"].map((host) => fleet.on(host).length)).toEqual([0, 10, 10]);
    expect(fleet.events.at(-1)).toMatchObject({
      type: "blocked",
      why: expect.stringMatching(
        /5 of 25 VMs.*1 of 3 hosts cost more than is left of the budget's moneyPerHour.*short by 5 VMs/,
      ),
    });
  });
});

describe("cloud planner: budget", () => {
  test("what one role gives up is given to another when its VMs have ended, and not before", () => {
    const shared = (one: number, other: number): Cloud =>
      cloud({
        name: "two",
        roles: { one: { run, count: one, memoryMb: 3 }, other: { run, count: other, memoryMb: 1 } },
        budget: { memoryMb: 30 },
      });
    const fleet = made(shared(10, 0), 2);
    fleet.settle();
    fleet.declare(shared(5, 15));
    fleet.turn();
    expect([...fleet.vms.values()].filter(({ role }) => role.name === "other")).toEqual([]);
    const [one = never()] = [...fleet.vms.values()].filter(({ state }) => state === "stopping");
    fleet.end(one);
    fleet.turn();
    expect([...fleet.vms.values()].filter(({ role }) => role.name === "other").length).toBe(3);
    fleet.settle();
    expect(fleet.planner.isConverged).toBe(true);
  });
});

describe("cloud planner: restart", () => {
  test("the first crash is followed at once, further ones ever later, and then it is degraded; a long run heals", () => {
    const fleet = made(
      motes(1, { restart: { firstMs: 100, maxMs: 1000, degradedAfter: 3, stableAfterMs: 5000 } }),
      2,
    );
    const waits: number[] = [];
    for (let crash = 0; crash < 7; crash++) {
      fleet.turn();
      const [vm = never()] = fleet.vms.values();
      fleet.ready(vm);
      fleet.end(vm, "boom");
      fleet.turn();
      const dueMs = fleet.vms.size > 0 ? fleet.nowMs : fleet.planner.nextDueMs;
      waits.push(Math.round(dueMs - fleet.nowMs));
      fleet.nowMs = dueMs;
    }
    expect(waits[0]).toBe(0);
    for (const [index, least] of [0, 100, 200, 400, 800, 1000, 1000].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least);
      expect(waits[index]).toBeLessThanOrEqual(1.25 * least);
    }
    expect(fleet.events.filter(({ type }) => type === "degraded")).toMatchObject([
      { vm: "mote/0", reason: "boom", crashes: 3 },
    ]);
    fleet.settle();
    expect(fleet.planner.roles[0]?.crashes.degraded.size).toBe(0);
    expect(fleet.events.at(-1)).toMatchObject({ type: "healed", vm: "mote/0" });
  });

  test("a hundred that all crash all the time cost a bounded number of boots", () => {
    const fleet = made(motes(100), 30);
    let boots = 0;
    while (fleet.nowMs < 10 * 60_000) {
      fleet.turn();
      for (const vm of fleet.vms.values()) {
        boots += 1;
        fleet.end(vm);
      }
      fleet.turn();
      if (fleet.vms.size === 0) fleet.nowMs = fleet.planner.nextDueMs;
    }
    expect(boots).toBeLessThan(100 * 21);
    expect(fleet.planner.roles[0]?.crashes.degraded.size).toBe(100);
  });
});

describe("cloud planner: update and churn", () => {
  test("another program replaces VMs, no more than maxUnavailable at a time", () => {
    const fleet = made(motes(20, { update: { maxUnavailable: 3 } }), 4);
    fleet.settle();
    fleet.declare(motes(20, { run: image("next.ts"), update: { maxUnavailable: 3 } }));
    let least = 20;
    for (let round = 0; round < 100 && !fleet.planner.isConverged; round++) {
      fleet.turn();
      const vms = [...fleet.vms.values()];
      least = Math.min(least, vms.filter(({ state }) => state === "running").length);
      for (const vm of vms) if (vm.state === "booting") fleet.ready(vm);
      for (const vm of vms) if (vm.state === "stopping") fleet.end(vm);
    }
    expect(least).toBe(17);
    fleet.settle();
    expect(fleet.log.filter((line) => line.startsWith("stop")).length).toBe(20);
    expect(fleet.events.map(({ type }) => type)).toContain("updated");
  });

  test("an update that does not come up stops where it is", () => {
    const fleet = made(motes(20, { update: { maxUnavailable: 2 } }), 4);
    fleet.settle();
    fleet.declare(motes(20, { run: image("broken.ts"), update: { maxUnavailable: 2 } }));
    for (let round = 0; round < 50; round++) {
      fleet.turn();
      for (const vm of fleet.vms.values()) if (vm.state !== "running") fleet.end(vm, "does not start");
      fleet.nowMs += 1000;
    }
    expect([...fleet.vms.values()].filter(({ state }) => state === "running").length).toBe(18);
    // What is mended is tried at once.
    fleet.declare(motes(20, { run: image("mended.ts"), update: { maxUnavailable: 2 } }));
    fleet.settle();
    expect(fleet.planner.isConverged).toBe(true);
  });

  test("churn retires its part, one after another, and brings each back elsewhere", () => {
    const fleet = made(motes(100, { churn: { fraction: 0.05, everyMs: 60_000 } }), 5);
    fleet.settle(10);
    const before = fleet.log.length;
    fleet.settle(10 * 60_000);
    const stops = fleet.log.slice(before).filter((line) => line.startsWith("stop"));
    expect(stops.length).toBeGreaterThanOrEqual(49);
    expect(stops.length).toBeLessThanOrEqual(51);
    expect(fleet.vms.size).toBe(100);
  });

  test("what churn has retired may be away, and nothing else", () => {
    const fleet = made(motes(100, { churn: { fraction: 0.05, everyMs: 60_000 } }), 5);
    fleet.turn();
    const booting = [...fleet.vms.values()];
    for (const vm of booting.slice(1)) fleet.ready(vm);
    fleet.turn();
    expect(fleet.planner.isConverged).toBe(false);
    for (const vm of booting.slice(0, 1)) fleet.ready(vm);
    fleet.turn();
    expect(fleet.planner.isConverged).toBe(true);
    const stopping = () => [...fleet.vms.values()].filter(({ state }) => state !== "running");
    while (stopping().length === 0) {
      fleet.nowMs = fleet.planner.nextDueMs;
      fleet.turn();
    }
    const [retired] = stopping();
    if (retired === undefined) throw new Error("none was retired");
    expect(fleet.planner.isConverged).toBe(true);
    fleet.end(retired);
    expect(fleet.planner.roles.flatMap((keeper) => obstacles(fleet.planner, keeper))).toEqual([]);
    fleet.turn();
    expect([fleet.planner.isConverged, stopping().map(({ state }) => state)]).toEqual([true, ["booting"]]);
    // It does not come up: now it is missing.
    for (const vm of stopping()) fleet.end(vm);
    fleet.turn();
    expect(fleet.planner.isConverged).toBe(false);
    fleet.settle(fleet.nowMs + 10);
    expect(fleet.planner.isConverged).toBe(true);
    fleet.hostLost("h1");
    fleet.turn();
    expect(fleet.planner.isConverged).toBe(false);
  });

  test("fewer VMs: the last ones go; a clock that goes back, or far ahead, does no harm", () => {
    const fleet = made(motes(50, { churn: { fraction: 1, everyMs: 60_000 } }), 3);
    fleet.settle(0);
    fleet.declare(scaled(motes(50), "mote", 20));
    fleet.nowMs = -1e9;
    fleet.settle(-1e9);
    expect([...fleet.vms.values()].map(({ ordinal }) => ordinal).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, ordinal) => ordinal),
    );
    fleet.declare(motes(20, { churn: { fraction: 1, everyMs: 60_000 } }));
    const before = fleet.log.length;
    fleet.nowMs = 1e12;
    fleet.turn();
    expect(fleet.log.length - before).toBeLessThan(5);
  });
});

describe("cloud planner: properties", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("host" as const), host: fc.nat(7) }),
    fc.record({ do: fc.constant("lose" as const), host: fc.nat(7) }),
    fc.record({ do: fc.constant("scale" as const), role: fc.nat(1), count: fc.constantFrom(0, 5, 30) }),
    fc.record({ do: fc.constant("update" as const), version: fc.nat(2) }),
    fc.record({ do: fc.constant("ready" as const), part: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant("crash" as const), nth: fc.nat(15) }),
    fc.record({ do: fc.constant("stopped" as const) }),
    fc.record({ do: fc.constant("late" as const), nth: fc.nat(15) }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 500, 5000, 120_000) }),
  );
  const setting = fc.record({
    perHostMax: fc.constantFrom(3, 100),
    maxSkew: fc.constantFrom(undefined, undefined, 1, 3),
    apart: fc.boolean(),
    churn: fc.boolean(),
    moneyPerHour: fc.constantFrom(6, 100, 100),
    memoryMb: fc.constantFrom(60, 1000),
  });
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
  type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never;

  const budget = { vms: 60, memoryMb: 70 };
  const declared = (given: Setting, counts: readonly number[], version: number): Cloud =>
    cloud({
      name: "dust",
      roles: {
        a: {
          run: image(`a${version}.ts`),
          count: Math.min(counts[0] ?? 0, Math.floor((budget.memoryMb - (counts[1] ?? 0)) / (2 + version))),
          memoryMb: 2 + version,
          perHostMax: given.perHostMax,
          spread: { over: "region", ...(given.maxSkew === undefined ? {} : { maxSkew: given.maxSkew }) },
          ...(given.churn ? { churn: { fraction: 0.5, everyMs: 10_000 } } : {}),
        },
        b: { run, count: counts[1] ?? 0, memoryMb: 1, apart: given.apart ? ["a"] : [] },
      },
      budget: { ...budget, moneyPerHour: given.moneyPerHour },
    });
  const host = (index: number, given: Setting) =>
    aHost(`h${index}`, {
      region: `r${index % 3}`,
      vmsMax: 8 + index,
      memoryMbMax: given.memoryMb,
      pricePerHour: 1 + (index % 4),
    });

  function play(given: Setting, steps: readonly Step[]): ModelFleet {
    const fleet = new ModelFleet();
    const counts = [10, 5];
    let version = 0;
    for (let index = 0; index < 4; index++) fleet.hostUp(host(index, given));
    fleet.declare(declared(given, counts, version));
    for (const each of steps) {
      const vms = [...fleet.vms.values()];
      if (each.do === "host") fleet.hostUp(host(each.host, given));
      else if (each.do === "lose") fleet.hostLost(`h${each.host}`);
      else if (each.do === "ready")
        for (const vm of vms) if (vm.state === "booting" && vm.ordinal % each.part === 0) fleet.ready(vm);
      if (each.do === "stopped") for (const vm of vms) if (vm.state === "stopping") fleet.end(vm);
      if (each.do === "crash") {
        const vm = vms[each.nth];
        if (vm !== undefined) fleet.end(vm);
      }
      if (each.do === "late") {
        const { role, ordinal, epoch } = fleet.gone[each.nth] ?? {
          role: { name: "a" },
          ordinal: 99,
          epoch: 1,
        };
        fleet.planner.ended(role.name, ordinal, epoch, "of an earlier life", fleet.nowMs);
        expect(fleet.planner.started(role.name, ordinal, epoch, fleet.nowMs)).toBe(false);
      }
      if (each.do === "wait") fleet.nowMs += each.ms;
      if (each.do === "scale" || each.do === "update") {
        if (each.do === "scale") counts[each.role] = each.count;
        else version = each.version;
        fleet.declare(declared(given, counts, version));
      }
      fleet.turn();
    }
    return fleet;
  }

  test("whatever happens: one VM an identity, within hosts, budget and wishes; the same calls give the same orders", () => {
    fc.assert(
      fc.property(setting, fc.array(step, { maxLength: 60 }), (given, steps) => {
        const fleet = play(given, steps);
        expect(play(given, steps).log).toEqual(fleet.log);
      }),
      { numRuns: 300 },
    );
  });

  test("left alone it converges, or says what stands in its way", () => {
    fc.assert(
      fc.property(setting, fc.array(step, { maxLength: 40 }), (given, steps) => {
        const fleet = play({ ...given, churn: false }, steps);
        fleet.settle();
        for (const keeper of fleet.planner.roles) {
          expect(fleet.planner.hosts.vms).toBe(fleet.vms.size);
          if (keeper.isConverged) continue;
          expect(keeper.isBlocked).toBe(true);
          expect(fleet.roomFor(keeper.role)).toEqual([]);
          expect(obstacles(fleet.planner, keeper).length).toBe(1);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function never(): never {
  throw new Error("there is none");
}
