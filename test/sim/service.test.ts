import { describe, expect, test } from "vitest";
import type { ReplaceResult, Unikernel } from "../../src/guest-api.ts";
import { simulate, type SimOptions, type Simulation, type SimResult } from "../../src/testing/index.ts";
import { replaced } from "./apps/service.ts";

const run = (app: unknown, options: SimOptions): Promise<SimResult> =>
  simulate(app as Unikernel<readonly [], never>, {
    untilMs: 20_000,
    // What the ledger finds wrong about what it is sent.
    crashes: ({ reason }) => !(typeof reason === "object" && "name" in reason && reason.name === "Disorder"),
    ...options,
  });

interface Ledger {
  readonly last: Map<string, number>;
  readonly lives: number;
}

function ledgerOf(sim: Simulation<never>): Ledger {
  const [root] = sim.vm("ledger")?.actors ?? [];
  return (root?.state ?? { last: new Map(), lives: 0 }) as Ledger;
}

const reportsOf = (sim: Simulation<never>): readonly ReplaceResult[] =>
  (sim.actors("replacer")[0]?.state ?? []) as readonly ReplaceResult[];

describe("service", () => {
  test("service: over 100 replacements nothing is lost, doubled or out of order", async () => {
    await run(replaced(1000, 100), {
      untilMs: 30_000,
      atEnd: {
        all: (sim) => {
          const { last, lives } = ledgerOf(sim);
          expect([...last.values()]).toEqual([1000, 1000, 1000, 1000]);
          expect(lives).toBe(101);
          expect(reportsOf(sim).filter(({ ok }) => ok).length).toBe(100);
        },
      },
    });
  });

  test("service: three VMs that keep keys are replaced one at a time, each with its own state", async () => {
    for (let seed = 1; seed <= seedsOf(2); seed++)
      await run(replaced(150, 10, 3), {
        seed,
        atEnd: {
          all: (sim) => {
            const roots = sim.vms.filter(({ entry }) => entry === "ledger").map(({ actors }) => actors[0]);
            const states = roots.map((root) => root?.state as Ledger);
            expect(states.map(({ lives }) => lives)).toEqual([11, 11, 11]);
            // Each writer is known to one of them.
            expect(states.flatMap(({ last }) => [...last.values()])).toEqual([150, 150, 150, 150]);
          },
        },
      });
  });

  const kinds = ["ledger", "writer"];
  test.each(kinds)("service: a %s that dies at any time leaves nothing in disorder", async (entry) => {
    for (let seed = 1; seed <= seedsOf(4); seed++)
      await run(replaced(200, 20), {
        seed,
        untilMs: 5000,
        faults: { kill: { everyMs: 200, vms: (vm) => vm.entry === entry } },
      });
  });
});

/** `SEEDS=1000 npx vitest run test/sim/service.test.ts` for many. */
const seedsOf = (few: number): number => Number(process.env["SEEDS"] ?? few);

const steps = ["ready", "paused", "drained", "handed_off", "adopted", "flipped"] as const;

/** One VM dies within a few ms after this step of each third replacement. */
function deathAt(step: string, victim: "old" | "new" | "sender"): NonNullable<SimOptions["onReport"]> {
  let fresh = 0;
  let count = 0;
  return (event, sim) => {
    if (event.type !== "service") return;
    if (event.step === "ready") fresh = event.vm;
    if (event.step !== step || ++count % 3 !== 0) return;
    const doomed = sim.vms.find(({ entry, number }) =>
      victim === "sender"
        ? entry === "writer"
        : entry === "ledger" && (number === fresh) === (victim === "new"),
    );
    if (doomed !== undefined) sim.kill(doomed);
  };
}

describe("service: a death at a step of a replacement", () => {
  test.each(steps)("service: the new VM dies when it is %s", async (step) => {
    for (let seed = 1; seed <= seedsOf(2); seed++)
      await run(replaced(120, 9), {
        seed,
        onReport: deathAt(step, "new"),
        atEnd: {
          all: (sim) => {
            const reports = reportsOf(sim);
            expect(reports.length).toBe(9);
            if (step === "flipped") return;
            // The old one serves on with its state, and nobody has noticed.
            expect([...ledgerOf(sim).last.values()]).toEqual([120, 120, 120, 120]);
            for (const report of reports) expect(report.ok || report.error).toSatisfy(isFine);
          },
        },
      });
  });

  test.each(steps)("service: a sender dies when the replacement is %s", async (step) => {
    for (let seed = 1; seed <= seedsOf(2); seed++)
      await run(replaced(120, 9), {
        seed,
        onReport: deathAt(step, "sender"),
        atEnd: {
          all: (sim) => {
            expect(reportsOf(sim).map(({ ok }) => ok)).toEqual(Array.from({ length: 9 }, () => true));
            const writers = new Set(
              sim.vms.filter(({ entry }) => entry === "writer").map(({ number }) => number),
            );
            for (const [writer, n] of ledgerOf(sim).last)
              if (writers.has(Number(/\d+/.exec(writer)?.[0]))) expect(n).toBe(120);
          },
        },
      });
  });

  test.each(steps)("service: the old VM dies when the replacement is %s", async (step) => {
    for (let seed = 1; seed <= seedsOf(2); seed++)
      await run(replaced(120, 9), {
        seed,
        onReport: deathAt(step, "old"),
        atEnd: {
          all: (sim) => {
            const reports = reportsOf(sim);
            expect(reports.length).toBe(9);
            for (const report of reports) expect(report.ok || report.error).toSatisfy(isFine);
            // From here on it is not needed any more.
            if (step === "handed_off" || step === "adopted" || step === "flipped")
              expect([...ledgerOf(sim).last.values()]).toEqual([120, 120, 120, 120]);
          },
        },
      });
  });
});

const isFine = (outcome: boolean | string): boolean =>
  outcome === true || outcome === "REPLACE_LOST" || outcome === "REPLACE_NOT_READY";
