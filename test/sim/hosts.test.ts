import { afterEach, describe, expect, test, vi } from "vitest";
import {
  actor,
  isMotesError,
  process,
  unikernel,
  type HostDown,
  type HostUp,
  type ProtocolOf,
  type Ref,
  type Self,
  type Unikernel,
  type Wait,
} from "../../kernel/index.ts";
import { Peers } from "../../kernel/peers.ts";
import { SimHost } from "../../src/testing/sim-host.ts";
import { SimKernel } from "../../src/testing/sim-kernel.ts";
import { simulate, type SimOptions, type Simulation } from "../../src/testing/index.ts";
import { child, supervisor, vm } from "../../supervisors/index.ts";
import { farApps } from "./apps.ts";
import { runSeed } from "./seed.ts";

const counter = actor({
  label: "counter",
  init: () => ({ n: 0 }),
  call: {
    add: (state, by: number) => (state.n += by),
    *late(state, ms: number) {
      yield* this.sleep(ms);
      return state.n;
    },
  },
});
const counterVm = unikernel({ name: "counter", root: counter });

/** Writes down which hosts come and go. */
const lookOut = process(
  function* (self: Self<HostUp | HostDown>, seen: string[]): Generator<Wait<unknown>, void, unknown> {
    yield* self.call(self.host, "watchHosts", self.ref);
    for (;;) {
      const news = yield* self.receive("hostup", "hostdown");
      seen.push(news.type === "hostup" ? `+${news.host.name}` : `-${news.host.name} ${news.why}`);
    }
  },
  { label: "look-out" },
);

const placed = (host: string | readonly string[], seen: string[] = []) =>
  unikernel({
    name: "placed",
    vms: [counterVm],
    root: supervisor({
      label: "tree",
      intensity: { restarts: 100, withinMs: 1000 },
      children: {
        counter: vm(counterVm, [], { host, bootTimeoutMs: 1000, backoff: { firstMs: 10, maxMs: 100 } }),
        lookOut: child(lookOut, [seen]),
      },
    }),
  });

type Tree = ReturnType<typeof placed> extends Unikernel<infer _, infer M> ? M : never;
type CounterRef = Ref<ProtocolOf<typeof counter>>;

/** Detection takes 500 ms. */
const run = (app: ReturnType<typeof placed>, options: SimOptions<Tree>) =>
  simulate(app, { hosts: ["a", "b", "c"], detectMs: 500, untilMs: 10_000, ...options });

const hostOf = (sim: Simulation<Tree>): string => sim.vm("counter")?.host ?? "nowhere";

/** The incarnation of now, and not what stands in front of it. */
const own = (sim: Simulation<Tree>): CounterRef => {
  const [root] = sim.vm("counter")?.actors ?? [];
  if (root === undefined) throw new Error("no counter");
  // Sound: it is the root of that VM.
  return root.ref as CounterRef;
};

const codeOf = (call: PromiseLike<unknown>): Promise<string> =>
  Promise.resolve(call).then(
    (value) => `answered ${String(value)}`,
    (problem: unknown) => (isMotesError(problem) ? problem.code : String(problem)),
  );

describe("hosts", () => {
  test("hosts: a child with a host lives there, and is called across", async () => {
    const found: unknown[] = [];
    const { trace } = await run(placed("b"), {
      steps: [
        [
          1000,
          async (sim) => {
            const { counter: ref } = await sim.self.call(sim.root, "children");
            found.push(
              hostOf(sim),
              await sim.self.call(ref, "add", 5),
              await sim.self.call(own(sim), "add", 5),
            );
          },
        ],
      ],
    });
    expect(found).toEqual(["b", 5, 10]);
    expect(trace.join("\n")).toMatch(/b~[0-9a-f]{8}\.vm1 boot counter/);
  });

  test("hosts: what is lost with its host is started elsewhere, and no address of it reaches a later life", async () => {
    const found: string[] = [];
    let before: CounterRef | undefined;
    await run(placed(["b", "c"]), {
      steps: [
        [1000, (sim) => void (before = own(sim))],
        [2000, (sim) => sim.killHost("b", 1500)],
        [3000, (sim) => void found.push(hostOf(sim))],
        [
          5000,
          async (sim) => {
            found.push(sim.hosts.map(({ name, vms }) => `${name} ${vms.length}`).join(", "));
            sim.kill("counter");
            found.push(before === undefined ? "" : await codeOf(sim.self.call(before, "add", 1)));
          },
        ],
        [6000, (sim) => void found.push(hostOf(sim), String(own(sim).vm))],
        [
          6100,
          async (sim) =>
            void found.push(before === undefined ? "" : await codeOf(sim.self.call(before, "add", 1))),
        ],
      ],
    });
    // The new life of b numbers its VMs anew.
    expect(found).toEqual(["c", "a 1, c 1, b 0", "CALL_EXIT", "b", "1", "CALL_EXIT"]);
  });

  test.each(["both", "to"] as const)(
    "hosts: a cut, %s: calls end, both sides hear of it within the detection time, and again when it heals",
    async (ways) => {
      const seen: string[] = [];
      let code = "";
      let endedAtMs = 0;
      const found: unknown[] = [];
      await run(placed("b", seen), {
        steps: [
          [
            1000,
            async (sim) => {
              code = await codeOf(sim.self.callWithin(Infinity, own(sim), "late", 5000));
              endedAtMs = sim.nowMs;
            },
          ],
          [1500, (sim) => sim.cutHosts("a", "b", 2000, ways)],
          // Its owner cannot be reached: it has ended, and is to be started where it cannot be.
          [2800, (sim) => void found.push(hostOf(sim), seen.length)],
          [6000, (sim) => void found.push(hostOf(sim))],
        ],
      });
      expect(code).toBe("CALL_EXIT");
      expect(endedAtMs).toBeLessThan(1500 + 500 + 50);
      expect(found).toEqual(["nowhere", 1, "b"]);
      expect(seen).toEqual([ways === "both" ? "-b LINK_SILENT" : "-b LINK_CLOSED", "+b"]);
    },
  );

  test("hosts: a pause shorter than the detection time is nothing; after a longer one it has lost the others, and they it", async () => {
    const seen: string[] = [];
    const lives: unknown[] = [];
    const { trace } = await run(placed("b", seen), {
      steps: [
        [1000, (sim) => void lives.push(own(sim).vm)],
        [1500, (sim) => sim.pauseHost("b", 300)],
        [3000, (sim) => void lives.push(own(sim).vm, seen.length)],
        [3500, (sim) => sim.pauseHost("b", 2000)],
        [8000, (sim) => void lives.push(own(sim).vm)],
      ],
    });
    expect(lives).toEqual([1, 1, 0, 2]);
    expect(seen).toEqual(["-b LINK_SILENT", "+b"]);
    expect(trace.join("\n")).toMatch(/55\d\d\.\d+ b~\w+\.vm0 has lost a~\w+: LINK_CLOSED/);
  });

  test("hosts: a VM whose way to its owner is lost before they are linked does not live on beside its successor", async () => {
    let offsetMs = 0;
    const restart: NonNullable<SimOptions<Tree>["steps"]> = [
      [
        1000,
        (sim) => {
          offsetMs = sim.nowMs - 1000;
          sim.kill("counter");
        },
      ],
    ];
    const { trace } = await run(placed("b"), { delayMs: [20, 20], steps: restart, untilMs: 2000 });
    const linked = trace.find((line) => /b~\w+\.vm2 link 0 from a/.test(line));
    // 10 ms before the link to the second one arrives.
    const cutAtMs = Number(linked?.split(" ")[0]) - offsetMs - 10;
    let counters = 0;
    await run(placed("b"), {
      delayMs: [20, 20],
      steps: [
        ...restart,
        [cutAtMs, (sim) => sim.cut(1, "counter")],
        [9000, (sim) => void (counters = sim.actors("counter").length)],
      ],
    });
    expect(counters).toBe(1);
  });

  test("hosts: a host that is alone boots nothing elsewhere; one that is not there is waited for", async () => {
    const start = (options: SimOptions<Tree>) => codeOf(run(placed("b"), options));
    expect(await start({ hosts: [] })).toBe("SIM_START_FAILED");
    expect(await start({ hosts: ["a"] })).toBe("SIM_START_FAILED");
    expect(await start({ hosts: ["b"] })).toMatch(/^answered/);
  });

  test.each([
    [{ hosts: ["a", "a"] }, "hosts"],
    [{ hosts: ["a~1"] }, "hosts"],
    [{ detectMs: 0 }, "detectMs"],
    [{ faults: { hostKill: { everyMs: 1, backMs: [2, 1] as const } } }, "faults.hostKill.backMs"],
  ] satisfies [SimOptions<Tree>, string][])("hosts: refuses %j", async (options, what) => {
    await expect(run(placed("b"), options)).rejects.toMatchObject({
      code: "SIM_OPTION",
      message: expect.stringContaining(`simulate({ ${what} })`) as string,
    });
  });

  test("hosts: the first one is never killed", async () => {
    const steps: SimOptions<Tree>["steps"] = [[10, (sim) => sim.killHost("a")]];
    expect(await codeOf(run(placed("b"), { steps }))).toBe("SIM_STEP_FAILED");
  });
});

/** What is found within some seeds of a program over three hosts whose runtime is broken. */
async function found(name: string): Promise<string> {
  for (let seed = 1; seed <= 40; seed++) {
    try {
      await runSeed(name, seed);
    } catch (problem) {
      return problem instanceof Error ? (problem.message.split("\n", 1)[0] ?? "") : String(problem);
    }
  }
  return "nothing";
}

describe("hosts: a runtime that breaks an invariant is found out", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("hosts: the loss of a way is not told", async () => {
    const { lost } = Peers.prototype;
    vi.spyOn(Peers.prototype, "lost").mockImplementation(function (this: Peers, home, reason) {
      if (reason !== "noconnection") lost.call(this, home, reason);
    });
    expect(await found("far-bonds")).toContain('invariant "a loss is told"');
  });

  test("hosts: a link fires twice", async () => {
    const { exitSignal } = SimKernel.prototype;
    vi.spyOn(SimKernel.prototype, "exitSignal").mockImplementation(function (this: SimKernel, ...told) {
      exitSignal.apply(this, told);
      if (told[2] === "noconnection") exitSignal.apply(this, told);
    });
    expect(await found("far-bonds")).toContain('invariant "links fire once"');
  });

  test("hosts: a VM outlives its owner, which is lost", async () => {
    const { retire } = SimHost.prototype;
    vi.spyOn(SimHost.prototype, "retire").mockImplementation(function (this: SimHost, vm) {
      if (this.kept.get(vm)?.owner.host === "") retire.call(this, vm);
    });
    expect(await found("far-bonds")).toContain('invariant "VMs end with their owners"');
  });
});

describe("hosts: programs over three of them", () => {
  /** Of each program. By hand: `npm run sim -- --seeds 2000`. */
  test.each(Object.keys(farApps))(
    "%s: holds what always holds, under the faults of some seeds",
    async (name) => {
      let signals = 0;
      for (const seed of [1, 2]) {
        const result = await runSeed(name, seed);
        signals += result.signals;
        // The same on every machine, and every time.
        if (seed === 2) expect(result.signature).toBe(signatures[name]);
      }
      expect(signals).toBeGreaterThan(1000);
    },
  );
});

const signatures: Readonly<Record<string, string>> = {
  far: "22178113acac3b79",
  "far-bonds": "7b2060de725e5200",
  "far-groups": "07389f8202590845",
  "far-service": "8bd9af0d9e302525",
  "far-replaced": "51b4753a7ebb7e4e",
};
