import { describe, expect, test } from "vitest";
import {
  actor,
  ignore,
  process,
  selfOf,
  type Call,
  type Cell,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { isAlive, note, outcome, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

interface Go {
  readonly type: "go";
  readonly n: number;
}

describe("actor: one message at a time", () => {
  test("actor: an async handler keeps the next message waiting, and lets others run", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const worker = actor({
      init: (_me, name: string) => ({ name }),
      info: {
        async go({ name }, { n }: Go) {
          log.push(`${name}${n} begins`);
          await this.sleep(10);
          log.push(`${name}${n} ends`);
        },
      },
    });
    const [a, b] = [self.spawn(worker, "a"), self.spawn(worker, "b")];
    for (let n = 1; n <= 2; n++) for (const to of [a, b]) self.send(to, { type: "go", n });
    await advance(9);
    expect(log).toEqual(["a1 begins", "b1 begins"]);
    await advance(11);
    expect(log.slice(2, 6)).toEqual(["a1 ends", "b1 ends", "a2 begins", "b2 begins"].toSorted(byTime(log)));
    await advance(20);
    expect(log).toHaveLength(8);
  });

  test("actor: so does a generator handler", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const worker = actor({
      init: () => ({}),
      call: {
        *slow(_state, n: number) {
          log.push(`${n} begins`);
          yield* this.sleep(10);
          log.push(`${n} ends`);
          return n;
        },
      },
      cast: { quick: () => void log.push("quick") },
    });
    const ref = self.spawn(worker);
    const one = self.call(ref, "slow", 1);
    self.cast(ref, "quick");
    const two = self.call(ref, "slow", 2);
    await advance(25);
    expect(log).toEqual(["1 begins", "1 ends", "quick", "2 begins", "2 ends"]);
    expect([one, two].map(outcome)).toEqual([1, 2]);
  });

  test("actor: a handler may receive, in either style: the others wait for it", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const asker = actor({
      init: (_me: Self<Note>) => ({}),
      cast: {
        async wait() {
          log.push(`async ${(await this.receive({ note: ({ text }) => text === "x" })).text}`);
        },
        *walk() {
          log.push(`generator ${(yield* this.receive({ note: ({ text }) => text === "y" })).text}`);
        },
      },
      info: { note: (_s, { text }: Note) => void log.push(`handler ${text}`) },
    });
    const ref = self.spawn(asker);
    self.cast(ref, "wait");
    self.cast(ref, "walk");
    for (const text of ["1", "y", "2", "x"]) self.send(ref, note(text));
    await settle();
    expect(log).toEqual(["async x", "generator y", "handler 1", "handler 2"]);
  });

  test("actor: a rejection, now or later, and an error in a generator are crashes", async () => {
    const { kernel, platform, advance } = testKernel();
    const { self } = probe(kernel);
    const faulty = actor({
      init: () => ({}),
      cast: {
        async now() {
          throw new Error("async, at once");
        },
        async later() {
          await this.sleep(5);
          throw new Error("async, later");
        },
        *walk() {
          yield* this.sleep(5);
          throw new Error("generator");
        },
      },
    });
    for (const op of ["now", "later", "walk"] as const) {
      self.cast(self.spawn(faulty), op);
      await advance(10);
    }
    expect(platform.events.map((event) => (event.type === "crash" ? event.reason : event))).toMatchObject([
      { message: "async, at once" },
      { message: "async, later" },
      { message: "generator" },
    ]);
  });

  test("actor: the late promise of a dead actor changes nothing", async () => {
    const { kernel, platform, advance } = testKernel();
    const { self, heard } = probe(kernel);
    let finish = (): void => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const late = actor({
      init: () => ({}),
      cast: {
        async work(_state, to: Ref<Note>) {
          await gate;
          this.send(to, note("from the dead"));
          expect(() => this.call(to as Ref<never> as Ref<Call<"x", [], void>>, "x")).toThrow(
            expect.objectContaining({ code: "ACTOR_DEAD" }),
          );
          expect(() => this.spawn(actor({ init: () => 0 }))).toThrow(
            expect.objectContaining({ code: "ACTOR_DEAD" }),
          );
          this.sendAfter(1, to, note("later"));
          this.exit(to, "kill");
          this.link(to);
          this.stop();
          throw new Error("nobody cares");
        },
      },
    });
    const ref = self.spawn(late);
    self.cast(ref, "work", self.ref);
    await advance(1);
    self.exit(ref, "kill");
    finish();
    await advance(10);
    expect(heard).toEqual([]);
    expect(isAlive(kernel, self.ref)).toBe(true);
    expect(platform.events).toMatchObject([{ type: "dead-letter", why: "its sender has ended" }]);
    expect([...kernel.actors()]).toHaveLength(1);
  });

  test("actor: what a dead actor waited for, and now comes, wakes nothing of it", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const waiter = process(async (me: Self<Note>) => {
      log.push("waits");
      await me.until(gate);
      log.push("went on");
    });
    const ref = self.spawn(waiter);
    await advance(1);
    self.exit(ref, "kill");
    open();
    await advance(1);
    expect(log).toEqual(["waits"]);
  });

  test("actor: one that its own handler has killed stays dead, whatever the handler leaves behind", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const suicidal = actor({
      init: () => ({}),
      cast: {
        async wait() {
          this.exit(this.ref, "kill");
          await this.until(Promise.resolve());
        },
        *walk() {
          this.exit(this.ref, "boom");
          yield* this.sleep(1);
          log.push("went on");
        },
        *walkLater() {
          yield* this.until(Promise.resolve());
          this.exit(this.ref, "boom");
          yield* this.until(new Promise<void>(() => {}));
          log.push("went on");
        },
        plain() {
          this.exit(this.ref, "boom");
        },
        next: () => void log.push("next"),
      },
    });
    const body = process(function* (me: Self<Note>) {
      me.exit(me.ref, "boom");
      yield* me.sleep(1);
      log.push("body went on");
    });
    const refs = (["wait", "walk", "walkLater", "plain"] as const).map((op) => {
      const ref = self.spawn(suicidal);
      self.cast(ref, op);
      self.cast(ref, "next");
      return ref;
    });
    const cells = refs.map(({ serial }) => kernel.entry(serial) as Cell);
    self.spawn(body);
    await advance(10);
    expect(log).toEqual([]);
    expect(cells.map(({ status, work }) => [status, work])).toEqual(
      Array.from({ length: 4 }, () => [5, null]),
    );
  });

  test("actor: a plain message without a handler is reported and not fatal", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(actor({ init: () => ({}), label: "deaf" }));
    self.send(ref as Ref<never> as Ref<Note>, note("hello"));
    run(kernel);
    expect(platform.events).toEqual([
      { type: "unhandled", actor: ref.toString(), label: "deaf", message: "note" },
    ]);
    expect(isAlive(kernel, ref)).toBe(true);
  });

  test("actor: bad definitions are refused where they are made or spawned", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    for (const act of [
      () => actor({} as never),
      () => actor({ init: () => 0, mailbox: { capacity: 0 } }),
      () => actor({ init: () => 0, mailbox: { capacity: Number.NaN } }),
      () => self.spawn({ init: () => 0 } as never),
      () => self.spawn(null as never),
    ]) {
      expect(act).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
    }
  });
});

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

const byTime = (log: readonly string[]) => (x: string, y: string) => log.indexOf(x) - log.indexOf(y);
