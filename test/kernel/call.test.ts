import { describe, expect, test } from "vitest";
import {
  actor,
  CallMessage,
  isMotesError,
  noreply,
  process,
  type Call,
  type Cast,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { outcome, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

type Asked = Call<"get", [], number> | Call<"never", [], number>;

const held: CallMessage[] = [];

/** Takes calls and answers when the test does. */
const holder = (calls: CallMessage[]) =>
  process(function* (self: Self<Asked>) {
    for (;;) {
      const message = yield* self.receive("$call");
      if (message instanceof CallMessage) calls.push(message);
    }
  });

describe("call", () => {
  const counter = actor({
    init: (_me, start: number) => ({ n: start }),
    call: {
      get: (state) => state.n,
      add: (state, by: number) => (state.n += by),
      sum: (_state, a: number, b: number, c: number, d = 0) => a + b + c + d,
      fail: (): number => {
        throw new TypeError("no");
      },
      silent: (): number | typeof noreply => noreply,
      async slow(state) {
        await this.sleep(100);
        return state.n;
      },
    },
  });

  test("call: is answered", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(counter, 1);
    const answers = [self.call(ref, "add", 4), self.call(ref, "get"), self.call(ref, "sum", 1, 2, 3, 4)];
    run(kernel);
    expect(answers.map(outcome)).toEqual([5, 5, 10]);
  });

  test("call: after 5 s, or what was asked for, it fails, and says who did not answer what", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(holder(held));
    const byDefault = self.call(ref, "never");
    const short = self.callWithin(20, ref, "never");
    const forever = self.callWithin(Infinity, ref, "never");
    await advance(19);
    expect(outcome(short)).toBe("open");
    await advance(1);
    expect(outcome(short)).toBe("CALL_TIMEOUT");
    await advance(4979);
    expect(outcome(byDefault)).toBe("open");
    await advance(1);
    const error: unknown = await byDefault.catch((problem: unknown) => problem);
    expect(isMotesError(error, "CALL_TIMEOUT")).toBe(true);
    expect(error).toMatchObject({ details: { callee: ref.toString(), op: "never", timeoutMs: 5000 } });
    expect(String(error)).toMatch(/"never" of <1\.2> within 5000 ms/);
    await advance(1e9);
    expect(outcome(forever)).toBe("open");
    expect(kernel.timers.size).toBe(0);
  });

  test("call: an answer that comes too late, or a second one, is never seen", async () => {
    const { kernel, advance } = testKernel();
    const { self, heard } = probe(kernel);
    const calls: CallMessage[] = [];
    const ref = self.spawn(holder(calls));
    const late = self.callWithin(10, ref, "get");
    await advance(10);
    calls[0]?.reply(1);
    run(kernel);
    expect(outcome(late)).toBe("CALL_TIMEOUT");
    const twice = self.call(ref, "get");
    run(kernel);
    calls[1]?.reply(2);
    calls[1]?.reply(3);
    calls[1]?.fail("exit", "x");
    run(kernel);
    expect(outcome(twice)).toBe(2);
    expect(heard).toEqual([]);
  });

  test("call: a callee forgets a call whose caller has given up or ended", async () => {
    const { kernel, advance } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    const calls: CallMessage[] = [];
    const ref = a.self.spawn(holder(calls));
    void a.self.callWithin(10, ref, "get").catch(() => {});
    void b.self.call(ref, "get");
    run(kernel);
    const callee = kernel.entry(ref.serial);
    expect(callee !== undefined && "unanswered" in callee && callee.unanswered).not.toBeNull();
    await advance(10);
    b.self.stop();
    run(kernel);
    expect(callee !== undefined && "unanswered" in callee && callee.unanswered).toBeNull();
    for (const call of calls) call.reply(1);
    expect(kernel.timers.size).toBe(0);
  });

  test("call: the end of the callee is the answer, before, during and after the call is taken", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(holder([]));
    const taken = self.call(ref, "get");
    run(kernel);
    const waiting = self.call(ref, "get");
    self.exit(ref, "boom");
    const after = self.call(ref, "get");
    run(kernel);
    expect([taken, waiting, after].map(outcome)).toEqual(["CALL_EXIT", "CALL_EXIT", "CALL_EXIT"]);
    for (const [wait, reason] of [
      [taken, "boom"],
      [waiting, "boom"],
      [after, "noproc"],
    ] as const) {
      expect(() => wait.next()).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ reason, op: "get" }) }),
      );
    }
  });

  test("call: those who wait hear of its end in the order they asked", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(holder([]));
    const log: number[] = [];
    const asker = process(function* (me: Self<Note>, n: number) {
      try {
        yield* me.call(ref, "get");
      } catch {
        log.push(n);
      }
    });
    for (let n = 0; n < 5; n++) self.spawn(asker, n);
    run(kernel);
    self.exit(ref, "kill");
    run(kernel);
    expect(log).toEqual([0, 1, 2, 3, 4]);
  });

  test("call: a handler that throws ends the callee, and the caller hears with what", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(counter, 1);
    const failing = self.call(ref, "fail");
    const behind = self.call(ref, "get");
    run(kernel);
    for (const wait of [failing, behind]) expect(() => wait.next()).toThrow(/TypeError: no/);
  });

  test("call: a normal end is no answer either", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const quitter = actor({
      init: () => 0,
      call: {
        quit(): number | typeof noreply {
          this.stop();
          return noreply;
        },
      },
    });
    const wait = self.call(self.spawn(quitter), "quit");
    run(kernel);
    expect(() => wait.next()).toThrow(
      expect.objectContaining({ code: "CALL_EXIT", details: expect.objectContaining({ reason: "normal" }) }),
    );
  });

  test("call: an unknown operation is refused, and the callee lives", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const ref: Ref<never> = self.spawn(counter, 1);
    // From an older or newer version of the program, say.
    const wait = self.call(ref as Ref<Call<"nothing", [], number>>, "nothing");
    const inherited = self.call(ref as Ref<Call<"toString", [], number>>, "toString");
    run(kernel);
    expect([wait, inherited].map(outcome)).toEqual(["CALL_UNKNOWN_OP", "CALL_UNKNOWN_OP"]);
    expect(kernel.entry(ref.serial)).toBeDefined();
  });

  test("call: to oneself is refused", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const narcissus = actor({
      init: (me: Self<Call<"get", [], number>>) => ({ me }),
      call: { get: () => 1, ask: ({ me }) => me.call(me.ref, "get") },
    });
    const wait = self.call(self.spawn(narcissus), "ask");
    await settle();
    expect(() => wait.next()).toThrow(
      expect.objectContaining({
        code: "CALL_EXIT",
        details: expect.objectContaining({ reason: expect.objectContaining({ code: "CALL_SELF" }) }),
      }),
    );
  });

  test("call: two actors that call each other while they wait run into the time-out, and both go on", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    interface Peer {
      to: Ref<Call<"ping", [], number>> | undefined;
    }
    const friend = actor({
      init: (): Peer => ({ to: undefined }),
      call: {
        ping: () => 1,
        async ask(state) {
          if (state.to === undefined) return 0;
          return this.callWithin(50, state.to, "ping").catch(() => -1);
        },
      },
      cast: {
        meet: (state, to: Ref<Call<"ping", [], number>>) => {
          state.to = to;
        },
      },
    });
    const [a, b] = [self.spawn(friend), self.spawn(friend)];
    self.cast(a, "meet", b);
    self.cast(b, "meet", a);
    const asked = [self.call(a, "ask"), self.call(b, "ask")];
    await advance(50);
    expect(asked.map(outcome)).toEqual([-1, -1]);
    const again = self.call(a, "ping");
    run(kernel);
    expect(outcome(again)).toBe(1);
  });

  test("call: the answer to a dead caller is nothing, and wakes nothing of it", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const calls: CallMessage[] = [];
    const ref = self.spawn(holder(calls));
    const went: string[] = [];
    const asker = process(async (me: Self<Note>) => {
      went.push("asked");
      await me.callWithin(Infinity, ref, "get");
      went.push("answered");
    });
    const asking = self.spawn(asker);
    await settle();
    self.exit(asking, "kill");
    calls[0]?.reply(1);
    await settle();
    expect(went).toEqual(["asked"]);
  });

  test("call: a call that nobody awaits harms nobody when it fails", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(counter, 1);
    self.exit(ref, "kill");
    self.call(ref, "get");
    await settle();
    expect(kernel.timers.size).toBe(0);
  });

  test("cast: takes effect in order with calls; an unknown one is reported and not fatal", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    const store = actor({
      init: () => ({ n: 0 }),
      call: { get: (state) => state.n },
      cast: {
        put: (state, n: number) => {
          state.n = n;
        },
      },
    });
    const ref = self.spawn(store);
    self.cast(ref, "put", 1);
    const one = self.call(ref, "get");
    self.cast(ref, "put", 2);
    const two = self.call(ref, "get");
    self.cast(ref as Ref<never> as Ref<Cast<"nothing", []>>, "nothing");
    run(kernel);
    expect([one, two].map(outcome)).toEqual([1, 2]);
    expect(platform.events).toMatchObject([
      { type: "unhandled", actor: ref.toString(), message: "cast nothing" },
    ]);
    expect(kernel.entry(ref.serial)).toBeDefined();
  });
});
