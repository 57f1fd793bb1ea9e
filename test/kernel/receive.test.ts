import { describe, expect, test } from "vitest";
import { process, type Self, type Wait } from "../../kernel/index.ts";
import { probe, run } from "../support/probe.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";

type M =
  | { readonly type: "a"; readonly n: number }
  | { readonly type: "b"; readonly n: number }
  | { readonly type: "c" };
const a = (n: number): M => ({ type: "a", n });
const b = (n: number): M => ({ type: "b", n });

/** The same program in both styles: what it takes is written down. */
type Script = (self: Self<M>, log: (what: unknown) => void) => Generator<Wait<unknown>, void, unknown>;

const styles = {
  generator: (script: Script) =>
    process(function* (self: Self<M>, log: (what: unknown) => void) {
      yield* script(self, log);
    }),
  // Each `yield` of the script is an `await` of what it yields.
  async: (script: Script) =>
    process(async (self: Self<M>, log: (what: unknown) => void) => {
      const steps = script(awaiting(self), log);
      for (let step = steps.next(); step.done !== true; ) {
        try {
          step = steps.next(await step.value);
        } catch (error) {
          step = steps.throw(error);
        }
      }
    }),
};

/** A self whose waits are yielded once, to be awaited, and give what they came to. */
function awaiting(self: Self<M>): Self<M> {
  const once = (wait: Wait<unknown>) => ({
    *[Symbol.iterator](): Generator<Wait<unknown>, unknown, unknown> {
      return yield wait;
    },
  });
  return new Proxy(self, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      const waits = key === "receive" || key === "sleep";
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        return waits ? once(result as Wait<unknown>) : result;
      };
    },
  });
}

for (const [style, make] of Object.entries(styles)) {
  const start = (
    script: Script,
  ): TestKernel & { readonly log: unknown[]; readonly send: (...messages: M[]) => void } => {
    const made = testKernel();
    const { self } = probe(made.kernel);
    const log: unknown[] = [];
    const ref = self.spawn(make(script), (what: unknown) => void log.push(what));
    return { ...made, log, send: (...messages) => messages.forEach((message) => self.send(ref, message)) };
  };

  describe(`receive, in ${style} style`, () => {
    test(`receive (${style}): takes any, in order, also those that were there before it began`, async () => {
      const { log, send, settle } = start(function* (self, told) {
        for (;;) told(yield* self.receive());
      });
      send(a(1), b(2), a(3), { type: "c" });
      await settle();
      send(a(4));
      await settle();
      expect(log).toEqual([a(1), b(2), a(3), { type: "c" }, a(4)]);
    });

    test(`receive (${style}): takes the first that matches, and the others stay in their order`, async () => {
      const { log, send, settle } = start(function* (self, told) {
        told(yield* self.receive("b"));
        told(yield* self.receive("b"));
        for (;;) told(yield* self.receive("a", "c"));
      });
      send(a(1), a(2), b(1), a(3), { type: "c" }, b(2), a(4));
      await settle();
      expect(log).toEqual([b(1), b(2), a(1), a(2), a(3), { type: "c" }, a(4)]);
    });

    test(`receive (${style}): by a test`, async () => {
      const { log, send, settle } = start(function* (self, told) {
        told(yield* self.receive({ a: ({ n }) => n > 2, b: ({ n }) => n > 9 }));
        told(yield* self.receive({ a: true }));
        told(yield* self.receive());
      });
      send(a(1), b(2), a(3), b(10));
      await settle();
      expect(log).toEqual([a(3), a(1), b(2)]);
    });

    test(`receive (${style}): many at once are not lost, whenever they come`, async () => {
      const { log, send, settle } = start(function* (self, told) {
        for (;;) told((yield* self.receive("a")).n);
      });
      const all = Array.from({ length: 300 }, (_, n) => n);
      send(...all.slice(0, 150).map(a));
      await settle();
      send(...all.slice(150).map(a));
      // Each await costs an async process a turn of its own.
      for (let i = 0; i < 400 && log.length < 300; i++) await settle();
      expect(log).toEqual(all);
    });

    test(`receive (${style}): a time-out gives undefined at its time, and takes nothing`, async () => {
      const { log, send, advance, kernel } = start(function* (self, told) {
        told(yield* self.receive({ a: true }, 50));
        told(self.now());
        told(yield* self.receive());
      });
      send(b(1));
      await advance(49);
      expect(log).toEqual([]);
      await advance(1);
      expect(log).toEqual([undefined, 50, b(1)]);
      expect(kernel.timers.size).toBe(0);
    });

    test(`receive (${style}): a message in time cancels the time-out`, async () => {
      const { log, send, advance, kernel } = start(function* (self, told) {
        told(yield* self.receive({ a: true }, 50));
        told(yield* self.receive({ a: true }, 1000));
      });
      await advance(49);
      send(a(1));
      await advance(0);
      expect(kernel.timers.nextAtMs).toBe(1049);
      await advance(500);
      expect(log).toEqual([a(1)]);
    });

    test(`receive (${style}): a message that came before the time-out was seen wins`, async () => {
      const { log, send, kernel, platform, settle } = start(function* (self, told) {
        told(yield* self.receive({ a: true }, 50));
      });
      await settle();
      send(a(1));
      // Message and time-out are there in one and the same turn.
      platform.nowMs = 60;
      run(kernel);
      await settle();
      expect(log).toEqual([a(1)]);
    });

    test(`receive (${style}): a time-out of 0, or below, polls`, async () => {
      const { log, send, settle } = start(function* (self, told) {
        told(yield* self.receive({ a: true }, 0));
        told(yield* self.receive({ b: true }, 0));
        told(yield* self.receive({ b: true }, -5));
        told("done");
      });
      send(b(1));
      await settle();
      expect(log).toEqual([undefined, b(1), undefined, "done"]);
    });

    test(`receive (${style}): nothing is taken while it sleeps`, async () => {
      const { log, send, advance } = start(function* (self, told) {
        yield* self.sleep(100);
        told(self.now());
        told(yield* self.receive("a"));
      });
      send(a(1), a(2));
      await advance(99);
      expect(log).toEqual([]);
      await advance(1);
      expect(log).toEqual([100, a(1)]);
    });
  });
}

describe("receive", () => {
  test("receive: a long queue of others is looked at once, not once for each new message", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    let looked = 0;
    const picky = process(function* (me: Self<M>) {
      yield* me.receive({ a: () => (looked++, false), b: true });
    });
    const ref = self.spawn(picky);
    for (let n = 0; n < 1000; n++) {
      self.send(ref, a(n));
      run(kernel);
    }
    expect(looked).toBe(1000);
  });

  test("receive: a second one while one is open is refused", async () => {
    const { kernel, platform, settle } = testKernel();
    const { self } = probe(kernel);
    const greedy = process(async (me: Self<M>) => {
      await Promise.all([me.receive("a"), me.receive("b")]);
    });
    self.spawn(greedy);
    await settle();
    expect(platform.events).toMatchObject([{ type: "crash", reason: { code: "RECEIVE_TWICE" } }]);
  });

  test("receive: what a demonitor, or a full mailbox, takes out meanwhile makes it skip nothing", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const other = probe(kernel);
    const log: unknown[] = [];
    let forget = (): void => {};
    const watcher = process(async (me: Self<M>) => {
      const monitor = me.monitor(other.self.ref);
      forget = () => void me.demonitor(monitor);
      log.push(await me.receive("b"));
    });
    const bounded = process(
      function* (me: Self<M>) {
        log.push(yield* me.receive("b"));
      },
      { mailbox: { capacity: 2, overflow: "drop-oldest" } },
    );
    const refs = [self.spawn(watcher), self.spawn(bounded)];
    await settle();
    other.self.exit(other.self.ref, "kill");
    for (const ref of refs) for (let n = 0; n < 2; n++) self.send(ref, a(n));
    await settle();
    // All that is there was looked at. One goes, and the next comes into its place.
    forget();
    for (const ref of refs) self.send(ref, b(1));
    await settle();
    expect(log).toEqual([b(1), b(1)]);
  });

  test("receive: to yield anything but a wait is an error that says what to do", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    self.spawn(
      process(function* (_me: Self<M>) {
        yield 5 as unknown as Wait<unknown>;
      }),
    );
    run(kernel);
    expect(platform.events).toMatchObject([
      { reason: { code: "NOT_A_WAIT", message: expect.stringContaining("yield*") } },
    ]);
  });

  test("receive: a test that throws ends its actor and nobody else", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    const thrower = process(function* (me: Self<M>) {
      yield* me.receive({
        a: () => {
          throw new Error("in a test");
        },
      });
    });
    const ref = self.spawn(thrower);
    run(kernel);
    self.send(ref, a(1));
    run(kernel);
    expect(platform.events).toMatchObject([
      { type: "crash", reason: { message: "in a test" } },
      { type: "dead-letter" },
    ]);
  });
});
