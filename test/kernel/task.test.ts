import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  actor,
  behaviorOf,
  exit,
  process,
  selfOf,
  task,
  taskStream,
  type Self,
  type TaskResult,
  type Wait,
} from "../../kernel/index.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";

const idle = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
  self.trapExits();
  for (;;) yield* self.receive("exit");
});

function stage(): TestKernel & { readonly self: Self<never> } {
  const made = testKernel();
  return { ...made, self: selfOf<never>(made.kernel.spawn(behaviorOf(idle), [], null)) };
}

const live = ({ kernel }: TestKernel): number => [...kernel.actors()].length;

describe("task", () => {
  test("task: plain, async and generator work; the result may be asked for later, and twice", async () => {
    const made = stage();
    const { self, advance } = made;
    const plain = task(self, () => 1);
    const later = task(self, async () => {
      await Promise.resolve();
      return "two";
    });
    const steps = task(self, function* (self) {
      yield* self.sleep(10);
      return [3];
    });
    await advance(10);
    expect([await plain, await plain, await later, await steps]).toEqual([1, 1, "two", [3]]);
    expect(live(made)).toBe(1);
    expect(made.kernel.timers.size).toBe(0);
  });

  test("task: a failure is an error for the one who waits, and a crash report with its owner", async () => {
    const { self, settle, platform } = stage();
    const fails = task(
      self,
      () => {
        throw new TypeError("bad");
      },
      { label: "fails" },
    );
    const exits = task(self, () => exit("enough"));
    exits.catch(() => {});
    await settle();
    await expect(fails).rejects.toMatchObject({
      code: "TASK_FAILED",
      details: { task: "fails", reason: { name: "TypeError", message: "bad" } },
    });
    await expect(exits).rejects.toMatchObject({ code: "TASK_FAILED", details: { reason: "enough" } });
    expect(platform.events).toMatchObject([
      { type: "crash", label: "fails", ancestors: [`process ${self.ref.toString()}`] },
      { type: "crash", reason: "enough" },
    ]);
  });

  test("task: when its time is up it is killed; also when it is cancelled", async () => {
    const made = stage();
    const { self, advance } = made;
    const slow = task(self, (self) => self.sleep(1000), { timeoutMs: 100 });
    const tired = task(self, (self) => self.sleep(1000));
    slow.catch(() => {});
    tired.catch(() => {});
    await advance(50);
    tired.cancel();
    await advance(50);
    await expect(slow).rejects.toMatchObject({ code: "TASK_TIMEOUT", details: { timeoutMs: 100 } });
    await expect(tired).rejects.toMatchObject({ code: "TASK_FAILED", details: { reason: "killed" } });
    expect(live(made)).toBe(1);
    expect(made.kernel.timers.size).toBe(0);
  });

  test("task: it ends with its owner, however that one ends", async () => {
    for (const reason of ["normal", "kill"]) {
      const made = stage();
      const owner = actor({
        init(self) {
          task(self, (self) => self.sleep(1000), { timeoutMs: Infinity });
          taskStream(self, [1, 2, 3], (self) => self.sleep(1000), { concurrency: 2 });
          return {};
        },
        cast: {
          end() {
            this.stop();
          },
        },
      });
      const ref = made.self.spawn(owner);
      await made.settle();
      expect(live(made)).toBe(5);
      if (reason === "normal") made.self.cast(ref, "end");
      else made.self.exit(ref, "kill");
      await made.settle();
      expect(live(made)).toBe(1);
      expect(made.kernel.timers.size).toBe(0);
    }
  });
});

describe("task stream", () => {
  const sleeper = (self: Self<never>, ms: number): Generator<Wait<unknown>, number, unknown> =>
    (function* () {
      if (ms < 0) exit("negative");
      yield* self.sleep(ms);
      return ms;
    })();

  async function collect(
    items: readonly number[],
    options: { concurrency: number; ordered?: boolean; timeoutMs?: number },
  ): Promise<{ results: readonly TaskResult<number, number>[]; peak: number }> {
    const made = stage();
    let results: readonly TaskResult<number, number>[] = [];
    let running = 0;
    let peak = 0;
    const reader = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
      const counted = function* (self: Self<never>, ms: number): Generator<Wait<unknown>, number, unknown> {
        peak = Math.max(peak, ++running);
        try {
          return yield* sleeper(self, ms);
        } finally {
          running--;
        }
      };
      results = yield* taskStream(self, items, counted, options).all();
    });
    made.self.spawn(reader);
    await made.advance(10_000);
    expect(live(made)).toBe(1);
    return { results, peak };
  }

  test("stream: ordered by default, unordered as they end", async () => {
    const items = [30, 10, 20];
    const inOrder = await collect(items, { concurrency: 3 });
    expect(inOrder.results.map(({ item }) => item)).toEqual([30, 10, 20]);
    const asTheyEnd = await collect(items, { concurrency: 3, ordered: false });
    expect(asTheyEnd.results.map(({ item }) => item)).toEqual([10, 20, 30]);
  });

  test("stream: failures and time-outs are results", async () => {
    const { results } = await collect([5, -1, 500], { concurrency: 2, timeoutMs: 100 });
    expect(results).toEqual([
      { type: "done", item: 5, value: 5 },
      { type: "failed", item: -1, reason: "negative" },
      { type: "failed", item: 500, reason: "timeout" },
    ]);
  });

  test("stream: a reader that stops early kills what runs and takes no more items", async () => {
    const made = stage();
    const taken: number[] = [];
    let closed = false;
    function* items(): Generator<number, void, undefined> {
      try {
        for (let n = 0; ; n++) {
          taken.push(n);
          yield n;
        }
      } finally {
        closed = true;
      }
    }
    const reader = process(async (self: Self<never>) => {
      for await (const result of taskStream(self, items(), sleeper, { concurrency: 2 }))
        if (result.item === 3) break;
    });
    made.self.spawn(reader);
    await made.advance(1000);
    expect([closed, live(made)]).toEqual([true, 1]);
    expect(taken.length).toBeLessThanOrEqual(6);
  });

  test("stream: every item has one result, in order, within the bound", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -1, max: 5 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (items, concurrency, ordered) => {
          const { results, peak } = await collect(items, { concurrency, ordered });
          const seen = results.map(({ item }) => item);
          expect(peak).toBeLessThanOrEqual(concurrency);
          if (ordered) expect(seen).toEqual(items);
          else expect(seen.toSorted()).toEqual(items.toSorted());
          for (const result of results) expect(result.type).toBe(result.item < 0 ? "failed" : "done");
        },
      ),
      { numRuns: 60 },
    );
  });
});
