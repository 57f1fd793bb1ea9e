import { describe, expectTypeOf, test } from "vitest";
import {
  actor,
  noreply,
  ignore,
  type ArgsOf,
  type Call,
  type Cast,
  type Down,
  type Exit,
  type ExitReason,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";

interface Pong {
  readonly type: "pong";
  readonly n: number;
}
interface Ping {
  readonly type: "ping";
  readonly from: Ref<Pong>;
}

declare const self: Self<never>;

describe("actor: what is inferred from what is written", () => {
  const counter = actor({
    init: (_self, start: number) => ({ n: start }),
    call: {
      get: (state) => state.n,
      add: (state, by: number) => (state.n += by),
      name: (state, long: boolean, suffix?: string) => `${long} ${state.n} ${suffix}`,
    },
    cast: {
      reset: (state) => {
        state.n = 0;
      },
      set: (state, n: number) => {
        state.n = n;
      },
    },
  });
  const ref = self.spawn(counter, 0);

  test("protocol", () => {
    expectTypeOf<ArgsOf<typeof counter>>().toEqualTypeOf<[start: number]>();
    expectTypeOf<ProtocolOf<typeof counter>>().toEqualTypeOf<
      | Call<"get", [], number>
      | Call<"add", [by: number], number>
      | Call<"name", [long: boolean, suffix?: string | undefined], string>
      | Cast<"reset", []>
      | Cast<"set", [n: number]>
    >();
    expectTypeOf(ref).toEqualTypeOf<Ref<ProtocolOf<typeof counter>>>();
  });

  test("call: arguments and reply", () => {
    expectTypeOf(self.call(ref, "get")).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.call(ref, "add", 5)).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.call(ref, "name", true)).toEqualTypeOf<Wait<string>>();
    expectTypeOf(self.call(ref, "name", true, "x")).toEqualTypeOf<Wait<string>>();
    expectTypeOf(self.callWithin(100, ref, "add", 1)).toEqualTypeOf<Wait<number>>();
    // @ts-expect-error there is no such operation
    self.call(ref, "remove");
    // @ts-expect-error the argument is a number
    self.call(ref, "add", "5");
    // @ts-expect-error the argument is missing
    self.call(ref, "add");
    // @ts-expect-error one argument too many
    self.call(ref, "get", 1);
    // @ts-expect-error a cast is no call
    self.call(ref, "reset");
    // @ts-expect-error the time-out comes first
    self.callWithin(ref, "get");
  });

  test("cast", () => {
    expectTypeOf(self.cast(ref, "reset")).toEqualTypeOf<void>();
    self.cast(ref, "set", 1);
    // @ts-expect-error a call is no cast
    self.cast(ref, "get");
    // @ts-expect-error the argument is a number
    self.cast(ref, "set", "1");
    // @ts-expect-error the argument is missing
    self.cast(ref, "set");
  });

  test("send: not what calls and casts are for", () => {
    // @ts-expect-error it takes no plain message
    self.send(ref, { type: "pong", n: 1 });
    // @ts-expect-error a cast is sent with cast, whose runtime side it needs
    self.send(ref, { type: "$cast", op: "reset", args: [] });
  });

  test("spawn: init's arguments", () => {
    // @ts-expect-error the argument is a number
    self.spawn(counter, "0");
    // @ts-expect-error the argument is missing
    self.spawn(counter);
    // @ts-expect-error one argument too many
    self.spawnLink(counter, 0, 1);
    // @ts-expect-error the argument is missing
    self.spawnMonitor(counter);
    // @ts-expect-error the argument is missing
    self.start(counter);
    expectTypeOf(self.spawnMonitor(counter, 0).ref).toEqualTypeOf(ref);
    expectTypeOf(self.start(counter, 0)).resolves.toHaveProperty("ref").toEqualTypeOf(ref);
  });

  test("the reply of a wrong type does not compile", () => {
    // @ts-expect-error the answer is a number
    const wrong: Wait<string> = self.call(ref, "get");
    void wrong;
  });
});

describe("actor: styles of handlers", () => {
  const styles = actor({
    init: async (_self, path: string) => ({ path, log: [] as string[] }),
    call: {
      sync: (state) => state.path,
      async: async (state, n: number) => state.log.length + n,
      *generator(state, n: number): Generator<Wait<unknown>, string, unknown> {
        yield* this.sleep(n);
        return state.path;
      },
      later: (state, now: boolean) => (now ? state.path : noreply),
      laterAsync: async (state, now: boolean) => (now ? state.path.length : noreply),
      nothing: () => {},
      waits(_state, to: Ref<Call<"get", [], number>>) {
        return this.call(to, "get");
      },
      union: (state, n: number) => (n > 0 ? { ok: true as const, path: state.path } : { ok: false as const }),
    },
    cast: {
      async work(state) {
        await this.sleep(1);
        state.log.push("worked");
      },
      *walk(state) {
        yield* this.sleep(1);
        state.log.push("walked");
      },
    },
  });
  const ref = self.spawn(styles, "/");

  test("the reply is what comes of it", () => {
    expectTypeOf(self.call(ref, "sync")).toEqualTypeOf<Wait<string>>();
    expectTypeOf(self.call(ref, "async", 1)).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.call(ref, "generator", 1)).toEqualTypeOf<Wait<string>>();
    expectTypeOf(self.call(ref, "later", true)).toEqualTypeOf<Wait<string>>();
    expectTypeOf(self.call(ref, "laterAsync", true)).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.call(ref, "nothing")).toEqualTypeOf<Wait<void>>();
    expectTypeOf(self.call(ref, "waits", counterRef)).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.call(ref, "union", 1)).toEqualTypeOf<
      Wait<{ ok: true; path: string } | { ok: false; path?: never }>
    >();
  });

  test("a generator handler needs no annotation", () => {
    const server = actor({
      init: () => ({ n: 1 }),
      call: {
        *get(state) {
          yield* this.sleep(1);
          return state.n;
        },
        *relay(_state, to: Ref<Call<"get", [], string>>) {
          return yield* this.call(to, "get");
        },
        *maybe(state) {
          if (state.n > 1) return noreply;
          yield* this.sleep(1);
          return state.n;
        },
      },
    });
    const to = self.spawn(server);
    expectTypeOf(self.call(to, "get")).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.call(to, "maybe")).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.call(to, "relay", undefined as never)).toEqualTypeOf<Wait<string>>();
  });

  test("await gives the reply, also in a generator", () => {
    void (async () => expectTypeOf(await self.call(ref, "sync")).toEqualTypeOf<string>());
    function* walk(): Generator<Wait<unknown>, void, unknown> {
      expectTypeOf(yield* self.call(ref, "async", 1)).toEqualTypeOf<number>();
    }
    void walk;
  });
});

declare const counterRef: Ref<Call<"get", [], number>>;

describe("actor: init", () => {
  test("sync, async, generator, and ignore make the same state", () => {
    const a = actor({
      init: () => ({ n: 1 }),
      call: { get: (s) => expectTypeOf(s).toEqualTypeOf<{ n: number }>() },
    });
    const b = actor({
      init: async () => ({ n: 1 }),
      call: { get: (s) => expectTypeOf(s).toEqualTypeOf<{ n: number }>() },
    });
    const c = actor({
      *init(me) {
        yield* me.sleep(1);
        return { n: 1 };
      },
      call: { get: (s) => expectTypeOf(s).toEqualTypeOf<{ n: number }>() },
    });
    const d = actor({
      init: (_self, on: boolean) => (on ? { n: 1 } : ignore),
      call: { get: (s) => expectTypeOf(s).toEqualTypeOf<{ n: number }>() },
    });
    const e = actor({
      init: async (_self, on: boolean) => (on ? { n: 1 } : ignore),
      call: { get: (s) => expectTypeOf(s).toEqualTypeOf<{ n: number }>() },
    });
    const f = actor({ init: () => {}, cast: { go: (s) => expectTypeOf(s).toEqualTypeOf<void>() } });
    const g = actor({ init: () => 0, call: { get: (n) => expectTypeOf(n).toEqualTypeOf<number>() } });
    void [a, b, c, d, e, f, g];
  });

  test("generic actors keep their type parameter", () => {
    const store = <T>() =>
      actor({
        init: (_self, first: T) => ({ value: first }),
        call: { get: (state) => state.value },
        cast: {
          put: (state, value: T) => {
            state.value = value;
          },
        },
      });
    const ref = self.spawn(store<string>(), "a");
    expectTypeOf(self.call(ref, "get")).toEqualTypeOf<Wait<string>>();
    self.cast(ref, "put", "b");
    // @ts-expect-error it stores strings
    self.cast(ref, "put", 1);
  });

  test("a definition with no operations at all", () => {
    const idle = actor({ init: () => ({}) });
    expectTypeOf<ProtocolOf<typeof idle>>().toEqualTypeOf<never>();
    expectTypeOf(self.spawn(idle)).toEqualTypeOf<Ref<never>>();
  });
});

describe("actor: plain messages", () => {
  const pinger = actor({
    init: (me: Self<Pong>, to: Ref<Ping>) => {
      expectTypeOf(me.ref).toEqualTypeOf<Ref<Pong>>();
      me.send(to, { type: "ping", from: me.ref });
      return { to, seen: 0 };
    },
    info: {
      pong(state, message: Pong) {
        expectTypeOf(this.ref).toEqualTypeOf<Ref<Pong>>();
        state.seen += message.n;
        this.send(state.to, { type: "ping", from: this.ref });
      },
      tick: (state) => {
        state.seen++;
      },
    },
  });

  test("infos are sent with send", () => {
    const ref = self.spawn(pinger, undefined as never);
    expectTypeOf<ProtocolOf<typeof pinger>>().toEqualTypeOf<Pong | { readonly type: "tick" }>();
    self.send(ref, { type: "pong", n: 1 });
    self.send(ref, { type: "tick" });
    // @ts-expect-error a field is missing
    self.send(ref, { type: "pong" });
    // @ts-expect-error it has no handler for this type
    self.send(ref, { type: "ping" });
    self.sendAfter(10, ref, { type: "tick" });
    // @ts-expect-error it has no handler for this type
    self.sendAfter(10, ref, { type: "tock" });
  });

  test("exit and down have their types by context, and are no part of the protocol", () => {
    const watcher = actor({
      init: () => ({ gone: 0 }),
      info: {
        exit: (state, message) => {
          expectTypeOf(message).toEqualTypeOf<Exit>();
          expectTypeOf(state).toEqualTypeOf<{ gone: number }>();
        },
        down(state, message) {
          expectTypeOf(message).toEqualTypeOf<Down>();
          expectTypeOf(message.monitor).toEqualTypeOf<number>();
          expectTypeOf(message.reason).toEqualTypeOf<ExitReason>();
          state.gone++;
        },
        pong: (_state, message: Pong) => void message,
      },
    });
    expectTypeOf<ProtocolOf<typeof watcher>>().toEqualTypeOf<Pong>();
    const onlyDown = actor({
      init: () => ({ gone: 0 }),
      info: {
        down: (state, { reason, from }) => {
          expectTypeOf(reason).toEqualTypeOf<ExitReason>();
          expectTypeOf(from).toEqualTypeOf<Ref<never>>();
          state.gone++;
        },
      },
    });
    expectTypeOf<ProtocolOf<typeof onlyDown>>().toEqualTypeOf<never>();
  });

  test("self must not promise messages that no handler takes", () => {
    const lying = actor({
      init: (_self: Self<Ping>) => ({}),
      info: { pong: (_state, _message: Pong) => {} },
    });
    // @ts-expect-error pings have no handler, so this is no definition
    self.spawn(lying);
    // It says why.
    expectTypeOf(lying).toHaveProperty("self is annotated with messages that no handler takes");
  });

  test("self may be annotated with a part of the protocol, or with all of it", () => {
    const part = actor({
      init: (me: Self<Pong>) => ({ me }),
      info: { pong: (_s, _m: Pong) => {}, ping: (_s, _m: Ping) => {} },
    });
    const whole = actor({
      init: (me: Self<Call<"get", [], number> | Cast<"put", [n: number]> | Pong>) => ({ me, n: 0 }),
      call: { get: (s) => s.n },
      cast: {
        put: (s, n: number) => {
          s.n = n;
        },
      },
      info: { pong: (_s, _m: Pong) => {} },
    });
    self.spawn(part);
    self.spawn(whole);
    expectTypeOf<ProtocolOf<typeof part>>().toEqualTypeOf<Ping | Pong>();
  });

  test("this is the actor's self in every kind of handler", () => {
    actor({
      init: (_self: Self<Pong>) => ({ n: 0 }),
      call: {
        get() {
          expectTypeOf(this.ref).toEqualTypeOf<Ref<Pong>>();
          return 1;
        },
        async slow() {
          expectTypeOf(this.ref).toEqualTypeOf<Ref<Pong>>();
        },
      },
      cast: {
        *put() {
          const pong = yield* this.receive("pong");
          expectTypeOf(pong).toEqualTypeOf<Pong>();
        },
      },
      info: { pong(_state, _message: Pong) {} },
      terminate(state, reason) {
        expectTypeOf(state).toEqualTypeOf<{ n: number }>();
        expectTypeOf(reason).toEqualTypeOf<ExitReason>();
        expectTypeOf(this.ref).toEqualTypeOf<Ref<Pong>>();
      },
    });
    actor({
      init: () => ({ n: 0 }),
      cast: {
        go() {
          expectTypeOf(this.ref).toEqualTypeOf<Ref<never>>();
          this.stop();
        },
      },
    });
  });

  test("options are checked", () => {
    actor({ label: "a", mailbox: { capacity: 3, overflow: "crash" }, init: () => 0 });
    // @ts-expect-error there is no such policy
    actor({ mailbox: { capacity: 3, overflow: "explode" }, init: () => 0 });
    // @ts-expect-error an actor begins with an init
    actor({ call: { get: () => 1 } });
    // @ts-expect-error handlers are functions
    actor({ init: () => 0, call: { get: 1 } });
  });
});
