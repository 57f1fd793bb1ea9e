import { describe, expect, test } from "vitest";
import { actor, ignore, process, selfOf, type Cell, type Self } from "../../kernel/index.ts";
import { isAlive, note, outcome, probe, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

describe("stop and terminate", () => {
  const handlers = ["sync", "async", "generator", "afterAwait"] as const;
  for (const style of handlers) {
    test(`stop: from a handler (${style}) ends it after that handler and before the next message`, async () => {
      const { kernel, advance } = testKernel();
      const { self, heard } = probe(kernel);
      const log: string[] = [];
      const stopper = actor({
        init: () => ({ n: 1 }),
        call: {
          sync() {
            this.stop("done");
            return "answer";
          },
          async async() {
            this.stop("done");
            await this.sleep(5);
            log.push("finished");
            return "answer";
          },
          *generator() {
            this.stop("done");
            yield* this.sleep(5);
            log.push("finished");
            return "answer";
          },
          async afterAwait() {
            await this.sleep(5);
            this.stop("done");
            await this.sleep(5);
            log.push("finished");
            return "answer";
          },
        },
        cast: { next: () => void log.push("next") },
        terminate: ({ n }, reason) => void log.push(`terminate ${n} ${String(reason)}`),
      });
      const ref = self.spawn(stopper);
      self.monitor(ref);
      const answer = self.call(ref, style);
      self.cast(ref, "next");
      await advance(20);
      expect(outcome(answer)).toBe("answer");
      expect(log).toEqual([...(style === "sync" ? [] : ["finished"]), "terminate 1 done"]);
      expect(heard).toEqual([`down ${ref.toString()} done`]);
    });

    test(`stop: so does one (${style}) with nothing behind it`, async () => {
      const { kernel, advance } = testKernel();
      const { self } = probe(kernel);
      const stopper = actor({
        init: () => ({}),
        cast: {
          sync() {
            this.stop();
          },
          async async() {
            this.stop();
            await this.sleep(5);
          },
          *generator() {
            this.stop();
            yield* this.sleep(5);
          },
          async afterAwait() {
            await this.sleep(5);
            this.stop();
            await this.sleep(5);
          },
        },
      });
      const ref = self.spawn(stopper);
      self.cast(ref, style);
      await advance(20);
      expect(isAlive(kernel, ref)).toBe(false);
    });
  }

  test("stop: from init, sync and async", async () => {
    const { kernel, settle } = testKernel();
    const { self, heard } = probe(kernel);
    const log: string[] = [];
    self.spawnLink(actor({ init: (me) => me.stop("sync"), cast: { next: () => void log.push("next") } }));
    self.spawnLink(
      actor({ init: async (me) => me.stop("async"), cast: { next: () => void log.push("next") } }),
    );
    await settle();
    expect(heard.toSorted()).toEqual(["exit <1.2> sync", "exit <1.3> async"]);
    expect(log).toEqual([]);
  });

  test("stop: from outside of any handler, in a callback, ends it too, and what the callback says after it is heard", async () => {
    const { kernel, settle } = testKernel();
    const { self, heard } = probe(kernel);
    let callback = (): void => {};
    const listener = actor({
      init: (me) => {
        callback = () => {
          me.stop();
          me.send(self.ref, note("bye"));
        };
      },
    });
    const ref = self.spawn(listener);
    await settle();
    callback();
    await settle();
    expect(heard).toEqual(["note bye"]);
    expect(isAlive(kernel, ref)).toBe(false);
  });

  test("stop: a process ends where it next waits, in either style", async () => {
    const { kernel, advance } = testKernel();
    const { self, heard } = probe(kernel);
    const generator = process(function* (me: Self<Note>) {
      me.stop("g");
      me.send(self.ref, note("g before"));
      yield* me.sleep(1);
      me.send(self.ref, note("g after"));
    });
    const async_ = process(async (me: Self<Note>) => {
      await me.sleep(1);
      me.stop("a");
      me.send(self.ref, note("a before"));
      await me.sleep(1);
      me.send(self.ref, note("a after"));
    });
    self.monitor(self.spawn(generator));
    self.monitor(self.spawn(async_));
    await advance(10);
    expect(heard).toEqual(["note g before", "down <1.2> g", "note a before", "down <1.3> a"]);
  });

  test("terminate: after a stop and a crash; not after an exit signal, kill, or an init that failed", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const server = actor({
      init: (_me, how: string) => {
        if (how === "throw") throw new Error("init");
        if (how === "ignore") return ignore;
        return { how };
      },
      cast: {
        crash: () => {
          throw new Error("crash");
        },
        stop() {
          this.stop("stopped");
        },
      },
      terminate: ({ how }, reason) =>
        void log.push(`${how} ${typeof reason === "string" ? reason : reason.type}`),
    });
    self.cast(self.spawn(server, "crash"), "crash");
    self.cast(self.spawn(server, "stop"), "stop");
    const [signal, kill] = [self.spawn(server, "signal"), self.spawn(server, "kill")];
    self.spawn(server, "throw");
    self.spawn(server, "ignore");
    await settle();
    self.exit(signal, "boom");
    self.exit(kill, "kill");
    await settle();
    expect(log).toEqual(["crash crash", "stop stopped"]);
  });

  test("terminate: may take its time, and its own failure is the reason", async () => {
    const { kernel, advance } = testKernel();
    const { self, heard } = probe(kernel);
    const quit = {
      quit(this: Self<never>) {
        this.stop("quit");
      },
    };
    const slow = actor({
      init: () => ({}),
      cast: quit,
      async terminate() {
        await this.sleep(10);
        this.send(self.ref, note("last words"));
      },
    });
    const walking = actor({
      init: () => ({}),
      cast: quit,
      *terminate() {
        yield* this.sleep(20);
      },
    });
    const failing = actor({
      init: () => ({}),
      cast: quit,
      terminate: () => {
        throw new Error("in terminate");
      },
    });
    for (const definition of [slow, walking, failing]) self.cast(self.spawnMonitor(definition).ref, "quit");
    await advance(30);
    expect(heard).toEqual([
      "down <1.4> Error: in terminate",
      "note last words",
      "down <1.2> quit",
      "down <1.3> quit",
    ]);
  });

  test("self.signal: is aborted at death with the reason, also when it is asked for after it", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const signals: AbortSignal[] = [];
    let after: Self<never> | undefined;
    self.spawn(
      actor({
        init: (me) => {
          signals.push(me.signal);
          expect(me.signal).toBe(signals[0]);
          me.stop("over");
        },
      }),
    );
    self.spawn(
      actor({
        init: (me) => {
          after = me;
          me.stop("over");
        },
      }),
    );
    expect(signals[0]?.aborted).toBeUndefined();
    await settle();
    expect(signals[0]?.aborted).toBe(true);
    expect((signals[0] as { readonly reason?: unknown } | undefined)?.reason).toBe("over");
    expect(after?.signal.aborted).toBe(true);
    expect(selfOf(kernel.entry(self.ref.serial) as Cell).signal.aborted).toBe(false);
  });

  test("sendAfter: sends at its time, unless it is cancelled or its sender has ended", async () => {
    const { kernel, advance } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    a.self.sendAfter(10, b.self.ref, note("10"));
    const cancelled = a.self.sendAfter(20, b.self.ref, note("20"));
    a.self.sendAfter(30, b.self.ref, note("30"));
    a.self.sendAfter(0, b.self.ref, note("0"));
    expect(cancelled.pending).toBe(true);
    expect(a.self.cancel(cancelled)).toBe(true);
    expect(a.self.cancel(cancelled)).toBe(false);
    await advance(15);
    expect(b.heard).toEqual(["note 0", "note 10"]);
    a.self.exit(a.self.ref, "kill");
    await advance(100);
    expect(b.heard).toEqual(["note 0", "note 10"]);
    expect(kernel.timers.size).toBe(0);
    expect(() => b.self.sendAfter(Number.NaN, b.self.ref, note("?"))).toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
  });
});
