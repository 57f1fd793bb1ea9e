import { describe, expect, test } from "vitest";
import { actor, process, type Call, type Cell, type Ref, type Self } from "../../kernel/index.ts";
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

const byTime = (log: readonly string[]) => (x: string, y: string) => log.indexOf(x) - log.indexOf(y);
