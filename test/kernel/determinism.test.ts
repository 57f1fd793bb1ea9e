import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actor, process, type Definition, type Ref, type Self, type Wait } from "../../kernel/index.ts";
import { probe, run } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

interface Job {
  readonly type: "job";
  readonly steps: readonly number[];
  readonly path: string;
}

/** A program of actors that spawn, send, sleep, watch, link and fail as its numbers say; its whole history as text. */
async function history(program: readonly (readonly number[])[]): Promise<string> {
  const { kernel, platform, advance } = testKernel();
  const { self, heard } = probe(kernel);
  const log: string[] = [];
  // Annotated: it spawns its own kind.
  const worker: Definition<[], Job> = actor({
    init: (me: Self<Job>) => ({ me }),
    info: {
      *job({ me }, { steps, path }: Job): Generator<Wait<unknown>, void, unknown> {
        const [step, ...rest] = steps;
        log.push(`${me.now()} ${me.ref.toString()} ${path} ${step}`);
        if (step === undefined) return;
        const next: Job = { type: "job", steps: rest, path: `${path}.${step}` };
        switch (step % 7) {
          case 0:
            return me.send(me.ref, next);
          case 1:
            me.send(me.spawn(worker), next);
            return me.send(me.ref, next);
          case 2:
            yield* me.sleep(step);
            return me.send(me.ref, next);
          case 3:
            return me.send(me.spawnLink(worker), next);
          case 4:
            self.monitor(me.ref);
            me.sendAfter(step, me.ref, next);
            return;
          case 5:
            throw new Error(path);
          default:
            return me.stop(path);
        }
      },
    },
  });
  for (const [i, steps] of program.entries())
    self.send(self.spawn(worker), { type: "job", steps, path: `p${i}` });
  await advance(1000);
  for (const cell of kernel.actors())
    if (cell.ref !== (self.ref as unknown)) self.exit(cell.ref as never, "kill");
  run(kernel);
  const left = [
    kernel.timers.size,
    kernel.calls.size,
    kernel.names.size,
    kernel.peers.holds,
    [...kernel.actors()].length,
  ];
  expect(left).toEqual([0, 0, 0, 0, 1]);
  const events = platform.events.map((event) =>
    JSON.stringify(event, (key, value: unknown) => (key === "stack" ? undefined : value)),
  );
  return [...log, ...heard, ...events].join("\n");
}

describe("determinism", () => {
  test("determinism: the same program has the same history, and nothing is left of it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(20), { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        async (program) => {
          expect(await history(program)).toBe(await history(program));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("determinism: a race between a time-out, a message and a death at one moment has one outcome", async () => {
    const once = async (): Promise<string> => {
      const { kernel, advance } = testKernel();
      const { self, heard } = probe(kernel);
      const log: string[] = [];
      const racer = process(function* (me: Self<Job>, other: Ref<Job>) {
        me.trapExits();
        me.monitor(other);
        me.sendAfter(10, me.ref, { type: "job", steps: [], path: "timer" });
        for (let i = 0; i < 4; i++) {
          const message = yield* me.receive({ job: true, down: true }, 10);
          log.push(`${me.now()} ${message?.type ?? "none"}`);
        }
      });
      const victim = process(function* (me: Self<Job>) {
        yield* me.sleep(10);
      });
      self.monitor(self.spawn(racer, self.spawn(victim)));
      await advance(50);
      return [...log, ...heard].join(", ");
    };
    expect(await once()).toBe("10 job, 10 down, 20 none, 30 none, down <1.3> normal");
    expect(await once()).toBe(await once());
  });
});
