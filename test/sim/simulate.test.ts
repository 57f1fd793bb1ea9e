import { describe, expect, test } from "vitest";
import { actor, process, unikernel, type Ref, type Self, type Wait } from "../../kernel/index.ts";
import { child, supervisor } from "../../supervisors/index.ts";
import { simulate, type SimOptions } from "../../src/testing/index.ts";
import { apps } from "./apps.ts";
import { pingPong } from "./apps/ping-pong.ts";
import { runSeed } from "./seed.ts";

/** What a rejected simulation says. */
async function failureOf(run: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const thrown = await run.then(
    () => undefined,
    (problem: unknown) => problem,
  );
  if (!(thrown instanceof Error)) throw new Error("it went well");
  return { code: "code" in thrown ? thrown.code : undefined, message: thrown.message };
}

const clock = process(
  function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
    for (;;) yield* self.sleep(1000);
  },
  { label: "clock" },
);

const ticking = unikernel({
  name: "ticking",
  root: supervisor({ label: "clocks", children: { a: child(clock, []), b: child(clock, []) } }),
});

describe("simulate: a seed is a run", () => {
  test.each(Object.keys(apps))("%s: the same seed gives the same trace, byte for byte", async (name) => {
    const [one, two] = [await runSeed(name, 5), await runSeed(name, 5)];
    expect(two.trace).toEqual(one.trace);
    expect(two.signature).toBe(one.signature);
    expect((await runSeed(name, 6)).signature).not.toBe(one.signature);
  });

  test("on every machine and every Node: the signatures that were written down", async () => {
    const signatures: string[] = [];
    for (const name of Object.keys(apps)) signatures.push(`${name} ${(await runSeed(name, 7)).signature}`);
    expect(signatures).toMatchInlineSnapshot(`
      [
        "ping-pong 8479f8e812ff113a",
        "order 47214bbca9e17027",
        "bonds 7960ecc3ac112b3b",
        "forest 4a393a1eb34c5244",
        "town 11ce963023da9953",
        "replaced 83b6cf3f555da189",
      ]
    `);
  });

  test("an hour of virtual time with timers is an hour of ticks", async () => {
    const result = await simulate(ticking, { untilMs: 3_600_000 });
    expect(result.nowMs).toBeGreaterThan(3_600_000);
    expect(result.events).toBeGreaterThan(3600);
  });
});

describe("simulate: what it finds", () => {
  const invariants: SimOptions["invariants"] = {
    "few balls": (sim) => sim.actors("server").every(({ mailbox }) => mailbox.length < 1),
  };

  test("an invariant of the user's that does not hold: seed, trace and the line that repeats it", async () => {
    const failing = (seed: number): Promise<unknown> =>
      simulate(pingPong(0), { seed, untilMs: 1000, invariants });
    const { code, message } = await failureOf(failing(3));
    expect(code).toBe("SIM_INVARIANT");
    expect(message).toContain('invariant "few balls" does not hold');
    expect(message).toContain("repeat it: simulate(app, { seed: 3 })");
    expect(message).toMatch(/\n {4}\d+\.\d{3} vm\d /);
    expect((await failureOf(failing(3))).message).toBe(message);
  });

  test("an invariant may throw, or say what is wrong", async () => {
    const wrong = { "it is so": () => "it is not" };
    expect((await failureOf(simulate(ticking, { invariants: wrong }))).message).toContain("it is not");
    const thrown = {
      "it is so": () => {
        throw new Error("look at that");
      },
    };
    expect((await failureOf(simulate(ticking, { atEnd: thrown }))).message).toContain("look at that");
  });

  test("a crash by an error of the engine is no part of a program", async () => {
    const broken = actor({
      label: "broken",
      init: (self) => {
        self.sendAfter(10, self.ref as Ref<never>, { type: "go" } as never);
        return {};
      },
      info: {
        go: (state: { readonly deep?: { readonly x: number } }) => (state.deep as { x: number }).x,
      },
    });
    const app = unikernel({ name: "broken", root: supervisor({ children: { broken: child(broken, []) } }) });
    const { code, message } = await failureOf(simulate(app, { untilMs: 100 }));
    expect(code).toBe("SIM_CRASH");
    expect(message).toContain("broken <1.");
    const result = await simulate(app, { untilMs: 5, crashes: () => true });
    expect(result.ended).toBeUndefined();
  });

  test("a program that does not start, a step that fails, a program without end", async () => {
    const failing = actor({
      init: () => {
        throw new Error("no disk");
      },
    });
    const start = await failureOf(simulate(unikernel({ name: "failing", root: failing })));
    expect(start).toMatchObject({
      code: "SIM_START_FAILED",
      message: expect.stringContaining("no disk") as string,
    });
    const step = simulate(ticking, { steps: [[50, async () => Promise.reject(new Error("slipped"))]] });
    expect(await failureOf(step)).toMatchObject({ code: "SIM_STEP_FAILED" });
    const endless = simulate(pingPong(0), { untilMs: 1e9, eventsMax: 1000 });
    expect(await failureOf(endless)).toMatchObject({ code: "SIM_ENDLESS" });
  });

  test("a tree that does not end when it is stopped is killed after the host's grace", async () => {
    const stubborn = process(
      function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
        self.trapExits();
        for (;;) yield* self.receive();
      },
      { label: "stubborn" },
    );
    const root = supervisor({ children: { stubborn: child(stubborn, [], { shutdown: Infinity }) } });
    const { trace, nowMs } = await simulate(unikernel({ name: "stuck", root }), { untilMs: 10 });
    expect(nowMs).toBeGreaterThan(5000);
    expect(trace.join("\n")).toContain("vm1 gone: killed");
  });
});

describe("simulate: in the hands of its user", () => {
  test("steps kill, cut, pause, hold, slow, jump and crash, and see what came of it", async () => {
    const seen: string[] = [];
    const result = await simulate(pingPong(5), {
      seed: 11,
      untilMs: 20_000,
      steps: [
        [100, (sim) => void seen.push(sim.vms.map(({ entry }) => entry).join(" "))],
        [200, (sim) => sim.kill("court")],
        [2000, (sim) => void seen.push(`court is VM ${sim.vm("court")?.number}`)],
        [2100, (sim) => sim.cut("match", "court")],
        [6000, (sim) => void seen.push(`court is VM ${sim.vm("court")?.number}`)],
        [6100, (sim) => sim.pause("court", 10_000)],
        [14_000, (sim) => void seen.push(`court is VM ${sim.vm("court")?.number}`)],
        [15_000, (sim) => sim.hold("match", "court", 300)],
        [16_000, (sim) => sim.slow("court", 500, 20)],
        [17_000, (sim) => sim.jump("match", 5000)],
        [
          18_000,
          (sim) => {
            const [server] = sim.actors("server");
            if (server !== undefined) sim.crash(server.ref);
          },
        ],
        [19_000, (sim) => void seen.push(`${sim.actors("server").length} server`)],
      ],
    });
    expect(seen).toEqual(["match court", "court is VM 3", "court is VM 4", "court is VM 5", "1 server"]);
    expect(result.trace.join("\n")).toContain("gone: Watchdog VM_WEDGED");
  });

  test("calls from outside, and the end of the root by itself", async () => {
    const counter = actor({
      label: "counter",
      init: () => ({ n: 0 }),
      call: { add: (state, by: number) => (state.n += by) },
    });
    const app = unikernel({ name: "counter", root: counter });
    let answer = 0;
    const result = await simulate(app, {
      untilMs: 1000,
      steps: [
        [10, async ({ self, root }) => void (answer = await self.call(root, "add", 5))],
        [500, ({ self, root }) => self.exit(root, "enough")],
      ],
    });
    expect(answer).toBe(5);
    expect(result.ended).toBe("enough");
  });

  test.each([
    [{ seed: 1.5 }, "seed"],
    [{ untilMs: -1 }, "untilMs"],
    [{ delayMs: [5, 1] as const }, "delayMs"],
    [{ eventsMax: 0 }, "eventsMax"],
    [{ traceLines: 0 }, "traceLines"],
    [{ faults: { kill: { everyMs: 0 } } }, "faults.kill.everyMs"],
    [{ faults: { pause: { everyMs: 5, forMs: [3, 1] as const } } }, "faults.pause.forMs"],
    [{ faults: { sabotage: { everyMs: 5 } } as never }, "faults"],
  ] satisfies [SimOptions, string][])("refuses %j", async (options, what) => {
    const { code, message } = await failureOf(simulate(ticking, options));
    expect(code).toBe("SIM_OPTION");
    expect(message).toContain(`simulate({ ${what} })`);
  });

  test("refuses what is no unikernel", async () => {
    expect(await failureOf(simulate({} as never))).toMatchObject({ code: "SIM_OPTION" });
  });
});
