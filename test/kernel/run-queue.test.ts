import { describe, expect, test } from "vitest";
import { actor, limits, process, type Ref, type Self } from "../../kernel/index.ts";
import { probe, run } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

interface Tick {
  readonly type: "tick";
}
const tick: Tick = { type: "tick" };

describe("run queue", () => {
  test("run queue: an actor that floods itself starves nobody", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    let flooded = 0;
    const order: string[] = [];
    const flooder = actor({
      init: (me: Self<Tick>) => {
        me.send(me.ref, tick);
        return { me };
      },
      info: {
        tick: ({ me }) => {
          flooded++;
          me.send(me.ref, tick);
        },
      },
    });
    const quiet = actor({
      init: () => ({}),
      info: { tick: () => void order.push(`quiet after ${flooded}`) },
    });
    self.spawn(flooder);
    const ref = self.spawn(quiet);
    self.send(ref, tick);
    let asked = 0;
    platform.sliceOver = () => ++asked > 20;
    expect(kernel.turn()).toBe(0);
    expect(order).toEqual([`quiet after ${limits.messagesPerActivation}`]);
    expect(flooded).toBeGreaterThan(limits.messagesPerActivation);
  });

  test("run queue: nor does a process that always finds a message, or that polls for ever", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    let rounds = 0;
    const flooder = process(function* (me: Self<Tick>) {
      me.send(me.ref, tick);
      for (;;) {
        yield* me.receive("tick");
        rounds++;
        me.send(me.ref, tick);
      }
    });
    let polls = 0;
    const poller = process(function* (me: Self<Tick>) {
      while (polls < 10_000_000) {
        yield* me.receive({ tick: true }, 0);
        polls++;
      }
    });
    let others = 0;
    const other = actor({ init: () => ({}), info: { tick: () => void others++ } });
    self.spawn(flooder);
    self.spawn(poller);
    self.send(self.spawn(other), tick);
    let asked = 0;
    platform.sliceOver = () => ++asked > 10;
    kernel.turn();
    expect(others).toBe(1);
    expect(rounds).toBeGreaterThan(0);
    expect(polls).toBeGreaterThan(0);
    expect(polls).toBeLessThan(100_000);
  });

  test("run queue: a slice that is over ends the turn, which asks for the next one at once, and goes on where it was", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    const order: number[] = [];
    const one = actor({ init: (_me, n: number) => void order.push(n) });
    for (let i = 0; i < 10; i++) self.spawn(one, i);
    platform.sliceOver = () => true;
    let turns = 0;
    for (; kernel.turn() === 0; turns++) expect(order.length).toBeGreaterThan(turns);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(turns).toBeGreaterThanOrEqual(8);
  });

  test("run queue: heavy actors give way after each message, once the platform says that the slice is over", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    let over = false;
    platform.sliceOver = () => over;
    const turnsOf: string[] = [];
    const heavy = actor({
      init: (_me, name: string) => ({ name }),
      info: {
        tick: ({ name }, _m: Tick) => {
          turnsOf.push(name);
          over = true;
        },
      },
    });
    const a = self.spawn(heavy, "a");
    const b = self.spawn(heavy, "b");
    run(kernel);
    for (let i = 0; i < 3; i++) for (const to of [a, b]) self.send(to, tick);
    for (let next = 0; next === 0; ) {
      over = false;
      next = kernel.turn();
    }
    // A budget of messages, then the other: in the order they became ready, and both are served.
    expect(turnsOf.toSorted()).toEqual(["a", "a", "a", "b", "b", "b"]);
    expect(kernel.turn()).toBe(Infinity);
  });

  test("run queue: turn says when it wants the next: at once, at the next timer, or when something comes", async () => {
    const { kernel } = testKernel();
    expect(kernel.turn()).toBe(Infinity);
    const { self } = probe(kernel);
    self.sendAfter(25, self.ref, { type: "note", text: "" });
    expect(kernel.turn()).toBe(25);
  });

  test("run queue: what becomes ready between turns wakes the platform", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    run(kernel);
    for (const act of [
      () => self.send(self.ref, { type: "note", text: "" }),
      () => void self.spawn(actor({ init: () => 0 })),
      () => void self.sendAfter(1, self.ref, { type: "note", text: "" }),
    ]) {
      const before = platform.wakes;
      act();
      expect(platform.wakes).toBeGreaterThan(before);
      run(kernel);
    }
  });

  test("run queue: a chain of 100,000 actors, each spawned by the init of the one before, needs no deep stack", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    let made = 0;
    const link = actor({
      init: (me, left: number): void => {
        made++;
        if (left > 0) me.spawn(next.definition, left - 1);
      },
    });
    const next: { readonly definition: typeof link } = { definition: link };
    self.spawn(link, 99_999);
    run(kernel);
    expect(made).toBe(100_000);
  });

  test("run queue: an actor stands in it once, whatever is said to it while it waits for its turn", async () => {
    const { kernel, settle } = testKernel();
    const ended: string[] = [];
    const { self } = probe(kernel);
    const talker = actor({
      init: (me: Self<Tick>) => ({ me }),
      info: { tick: () => {} },
      call: { me: ({ me }) => [me] },
      async terminate(_state, reason) {
        await this.sleep(0);
        ended.push(String(reason));
      },
    });
    const refs: Ref<Tick>[] = [];
    for (let i = 0; i < 3; i++) {
      const ref = self.spawn(talker);
      const asked = self.call(ref, "me");
      run(kernel);
      const [me] = (await asked) as readonly Self<Tick>[];
      self.send(ref, tick);
      // Ready, in the queue, and told to stop from outside of any handler.
      me?.stop(`stop ${i}`);
      refs.push(ref);
    }
    await settle();
    await settle();
    expect(ended).toEqual(["stop 0", "stop 1", "stop 2"]);
    expect(kernel.turn()).toBe(Infinity);
  });
});
