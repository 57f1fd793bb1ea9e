import { describe, expect, test } from "vitest";
import { actor, behaviorOf, process, type Call, type Ref, type Self } from "../../kernel/index.ts";
import { note, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

interface Tick {
  readonly type: "tick";
}

/** What timers elsewhere got wrong: the list is docs/field-mistakes.md. */
const ticker = (atMs: number[]) =>
  actor({
    init: (self: Self<Tick>) => void self.sendAfter(10, self.ref, { type: "tick" }),
    info: {
      tick(_state, tick: Tick) {
        atMs.push(this.now());
        this.sendAfter(10, this.ref as never, tick as never);
      },
    },
  });

describe("field: timers", () => {
  test("a tick that sets the next one keeps its distance after the VM stood still, and makes up for nothing", async () => {
    const { kernel, platform, advance } = testKernel();
    const atMs: number[] = [];
    kernel.spawn(behaviorOf(ticker(atMs)), [], null);
    await advance(20);
    // As after a suspended laptop: no turn for 1005 ms.
    platform.nowMs += 1005;
    await advance(30);
    expect(atMs).toEqual([10, 20, 1025, 1035, 1045, 1055]);
  });

  test("timers of the dead do not fire, and nothing is left of them", async () => {
    const { kernel, platform, advance } = testKernel();
    const { self, heard } = probe(kernel);
    const setter = process(function* (me: Self<Note>) {
      for (let n = 1; n <= 100; n++) me.sendAfter(n, self.ref, note("late"));
      void me.callWithin(50, self.ref as Ref<never> as Ref<Call<"ask", [], number>>, "ask");
      yield* me.sleep(1000);
    });
    const ref = self.spawn(setter);
    run(kernel);
    self.exit(ref, "kill");
    run(kernel);
    expect(kernel.timers.size).toBe(0);
    await advance(2000);
    expect(heard.filter((line) => line.startsWith("note"))).toEqual([]);
    expect(platform.events).toEqual([]);
  });

  test("a timer to one that has ended is a dead letter, and never reaches who came after it", async () => {
    const { kernel, platform, advance } = testKernel();
    const { self } = probe(kernel);
    const first = probe(kernel);
    self.sendAfter(10, first.self.ref, note("for the first"));
    self.exit(first.self.ref, "kill");
    const second = probe(kernel);
    await advance(20);
    expect(second.heard).toEqual([]);
    expect(platform.events).toMatchObject([{ type: "dead-letter", count: 1 }]);
  });

  test("one that is cancelled is never heard of", async () => {
    const { kernel, advance } = testKernel();
    const { self, heard } = probe(kernel);
    const timer = self.sendAfter(10, self.ref, note("x"));
    await advance(9);
    expect([self.cancel(timer), self.cancel(timer), timer.pending]).toEqual([true, false, false]);
    await advance(100);
    expect(heard).toEqual([]);
  });
});
