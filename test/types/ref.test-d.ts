import { describe, expectTypeOf, test } from "vitest";
import {
  name,
  unikernel,
  process,
  actor,
  type ActorProtocol,
  type Call,
  type Cast,
  type Down,
  type Exit,
  type Name,
  type ProtocolOf,
  type Ref,
  type Self,
  type Started,
  type Wait,
} from "../../kernel/index.ts";
import type { ProtocolOfRef } from "../../kernel/ref.ts";

interface A {
  readonly type: "a";
  readonly x: number;
}
interface B {
  readonly type: "b";
  readonly y: string;
}
interface C {
  readonly type: "c";
}

declare const self: Self<A | B | C>;
declare const ab: Ref<A | B>;
declare const a: Ref<A>;
declare const never: Ref<never>;

describe("ref: contravariance", () => {
  test("a wider address stands where a narrower one is asked for", () => {
    const narrowed: Ref<A> = ab;
    const any: Ref<never> = ab;
    expectTypeOf(ab).toExtend<Ref<A>>();
    expectTypeOf(self.ref).toExtend<Ref<A | B>>();
    void [narrowed, any];
  });

  test("the reverse is refused", () => {
    // @ts-expect-error an A-only address cannot promise to take B
    const widened: Ref<A | B> = a;
    // @ts-expect-error nobody knows what the address of nobody in particular takes
    const guessed: Ref<A> = never;
    // @ts-expect-error two protocols that have nothing to do with each other
    const other: Ref<B> = a;
    void [widened, guessed, other];
    expectTypeOf(a).not.toExtend<Ref<A | B>>();
  });

  test("an address in a message: the receiver may use less of it", () => {
    const server: Ref<{ readonly type: "hello"; readonly from: Ref<A> }> = undefined as never;
    self.send(server, { type: "hello", from: self.ref });
    self.send(server, { type: "hello", from: ab });
    // @ts-expect-error the one who says hello must take A
    self.send(server, { type: "hello", from: undefined as unknown as Ref<B> });
  });

  test("what is sent is checked against the address", () => {
    self.send(ab, { type: "a", x: 1 });
    self.send(ab, { type: "b", y: "" });
    // @ts-expect-error it does not take C
    self.send(ab, { type: "c" });
    // @ts-expect-error x is a number
    self.send(ab, { type: "a", x: "1" });
    // @ts-expect-error no such field
    self.send(ab, { type: "a", x: 1, z: 1 });
    // @ts-expect-error nothing can be sent to nobody in particular
    self.send(never, { type: "a", x: 1 });
  });

  test("signals go to any address", () => {
    self.link(a);
    self.unlink(never);
    self.exit(ab, "shutdown");
    expectTypeOf(self.monitor(a)).toEqualTypeOf<number>();
  });

  test("its protocol", () => {
    expectTypeOf<ProtocolOfRef<typeof ab>>().toEqualTypeOf<A | B>();
  });
});

describe("ref: calls are messages, so a protocol is narrowed before it is handed on", () => {
  type Read = Call<"get", [key: string], string>;
  type Write = Cast<"put", [key: string, value: string]>;
  const store = undefined as unknown as Ref<Read | Write>;

  test("reader", () => {
    const reader: Ref<Read> = store;
    expectTypeOf(self.call(reader, "get", "k")).toEqualTypeOf<Wait<string>>();
    // @ts-expect-error who may only read cannot write
    self.cast(reader, "put", "k", "v");
    // @ts-expect-error and cannot get the right back
    const writer: Ref<Write> = reader;
    void writer;
  });

  test("replies may widen and never narrow", () => {
    const wider: Ref<Call<"get", [key: string], string | undefined>> = store;
    expectTypeOf(self.call(wider, "get", "k")).toEqualTypeOf<Wait<string | undefined>>();
    // @ts-expect-error the answer may be any string, not only these
    const narrower: Ref<Call<"get", [key: string], "yes" | "no">> = store;
    void narrower;
  });

  test("arguments may narrow and never widen", () => {
    const narrower: Ref<Call<"get", [key: "a" | "b"], string>> = store;
    // @ts-expect-error the store takes strings only
    const wider: Ref<Call<"get", [key: string | number], string>> = store;
    void [narrower, wider];
  });

  test("the protocol of an actor is one of these", () => {
    const server = actor({
      init: () => new Map<string, string>(),
      call: { get: (map, key: string) => map.get(key) },
      cast: {
        put: (map, key: string, value: string) => {
          map.set(key, value);
        },
      },
    });
    const ref = self.spawn(server);
    expectTypeOf(ref).toExtend<Ref<Call<"get", [key: string], string | undefined>>>();
    expectTypeOf(ref).toExtend<Ref<Write>>();
    expectTypeOf(ref).not.toExtend<Ref<Read>>();
    expectTypeOf<ActorProtocol<{ get: (s: number) => string }, {}, {}>>().toEqualTypeOf<
      Call<"get", [], string>
    >();
  });
});

describe("receive", () => {
  test("any message: the own protocol and the kernel's own", () => {
    expectTypeOf(self.receive()).toEqualTypeOf<Wait<A | B | C | Exit | Down>>();
  });

  test("by types", () => {
    expectTypeOf(self.receive("a")).toEqualTypeOf<Wait<A>>();
    expectTypeOf(self.receive("a", "b")).toEqualTypeOf<Wait<A | B>>();
    expectTypeOf(self.receive("down", "exit")).toEqualTypeOf<Wait<Exit | Down>>();
    // @ts-expect-error nobody can send it such a message
    self.receive("d");
  });

  test("by tests, which get the messages of their own key", () => {
    const got = self.receive({ a: ({ x }) => x > 1, b: true });
    expectTypeOf(got).toEqualTypeOf<Wait<A | B>>();
    self.receive({ down: ({ monitor }) => monitor === 1 });
    // @ts-expect-error a test answers yes or no
    self.receive({ a: () => "yes" });
    // @ts-expect-error a message of type b has no x
    self.receive({ b: ({ x }) => x > 1 });
    // @ts-expect-error nobody can send it such a message
    self.receive({ d: true });
  });

  test("with a time-out there may be none", () => {
    expectTypeOf(self.receive({ a: true }, 100)).toEqualTypeOf<Wait<A | undefined>>();
    expectTypeOf(self.receive({ a: true, c: true }, 0)).toEqualTypeOf<Wait<A | C | undefined>>();
    expectTypeOf(self.receive({}, 0)).toEqualTypeOf<Wait<undefined>>();
  });

  test("is exhaustive in a switch", () => {
    function* body(): Generator<Wait<unknown>, number, unknown> {
      const message = yield* self.receive("a", "b", "c");
      switch (message.type) {
        case "a":
          return message.x;
        case "b":
          return message.y.length;
        case "c":
          return 0;
        default:
          message satisfies never;
          return 1;
      }
    }
    function* forgetful(): Generator<Wait<unknown>, void, unknown> {
      const message = yield* self.receive("a", "b");
      if (message.type === "a") return;
      // @ts-expect-error b is left
      message satisfies never;
    }
    void [body, forgetful];
  });
});

describe("process", () => {
  test("protocol and arguments come from the body", () => {
    const ponger = process(function* (me: Self<A>, limit: number, tag?: string) {
      for (let n = 0; n < limit; n++) {
        const { x } = yield* me.receive("a");
        expectTypeOf(x).toEqualTypeOf<number>();
        void tag;
      }
    });
    const ref = self.spawn(ponger, 3);
    expectTypeOf(ref).toEqualTypeOf<Ref<A>>();
    self.spawn(ponger, 3, "tag");
    // @ts-expect-error the limit is missing
    self.spawn(ponger);
    // @ts-expect-error the limit is a number
    self.spawn(ponger, "3");
  });

  test("async bodies", () => {
    const worker = process(async (me: Self<B>, n: number) => {
      const { y } = await me.receive("b");
      expectTypeOf(y).toEqualTypeOf<string>();
      void n;
    });
    expectTypeOf(self.spawn(worker, 1)).toEqualTypeOf<Ref<B>>();
  });

  test("a body that waits for nothing, and one that never ends", () => {
    const once = process(function* (_me: Self<never>) {});
    const forever = process(function* (me: Self<C>) {
      for (;;) yield* me.receive();
    });
    self.spawn(once);
    self.spawn(forever);
  });

  test("generic bodies keep their type parameter", () => {
    const buffer = <T>() =>
      process(function* (me: Self<{ readonly type: "put"; readonly item: T }>) {
        const { item } = yield* me.receive("put");
        const kept: T = item;
        void kept;
      });
    const ref = self.spawn(buffer<number>());
    self.send(ref, { type: "put", item: 1 });
    // @ts-expect-error it buffers numbers
    self.send(ref, { type: "put", item: "1" });
  });

  test("start gives the address", () => {
    const worker = process(function* (me: Self<B>) {
      yield* me.receive("b");
    });
    void (async () => {
      const started = await self.start(worker);
      expectTypeOf(started.ref).toEqualTypeOf<Ref<B>>();
      expectTypeOf(started).toExtend<Started<B, object>>();
    });
  });
});

describe("waits", () => {
  test("durations and promises", () => {
    expectTypeOf(self.sleep(1)).toEqualTypeOf<Wait<void>>();
    expectTypeOf(self.until(Promise.resolve(1))).toEqualTypeOf<Wait<number>>();
    expectTypeOf(self.drained(a)).toEqualTypeOf<Wait<void>>();
  });
});

describe("name", () => {
  const store = name<A | B>("store");

  test("who looks it up may send its protocol", () => {
    expectTypeOf(self.whereis(store)).toEqualTypeOf<Ref<A | B> | undefined>();
  });

  test("who takes it must accept its protocol", () => {
    self.register(store);
    const onlyA = undefined as unknown as Self<A>;
    // @ts-expect-error an actor that takes A only must not be found where A and B are sent
    onlyA.register(store);
    onlyA.register(name<A>("a"));
  });

  test("a name does not pass for another protocol's", () => {
    // @ts-expect-error else one could take it with less than it promises
    const less: Name<A> = store;
    // @ts-expect-error or find more than it promises
    const more: Name<A | B | C> = store;
    void [less, more];
    self.unregister(store);
  });
});

describe("unikernel", () => {
  const app = actor({
    init: (_self, port: number, host?: string) => ({ port, host }),
    call: { port: (s) => s.port },
  });

  test("its arguments are its root's", () => {
    const program = unikernel({ root: app, args: [80] });
    unikernel({ root: app, args: [80, "localhost"], memoryMb: 64 });
    unikernel({ root: app });
    // @ts-expect-error the port is a number
    unikernel({ root: app, args: ["80"] });
    // @ts-expect-error the port is missing
    unikernel({ root: app, args: [] });
    // @ts-expect-error the root is a definition, not a function
    unikernel({ root: () => {} });
    self.boot(program, [80]);
    // @ts-expect-error the port is a number
    self.boot(program, ["80"]);
    // @ts-expect-error the port is missing
    self.boot(program, []);
    void (async () => {
      const { ref, vm } = await self.boot(program, [80], { memoryMb: 32, name: "app-1" });
      expectTypeOf(ref).toEqualTypeOf<Ref<ProtocolOf<typeof app>>>();
      expectTypeOf(vm).toEqualTypeOf<number>();
      expectTypeOf(await self.call(ref, "port")).toEqualTypeOf<number>();
    });
  });
});

describe("generic code", () => {
  test("forwards any message of a protocol it does not know", () => {
    function forward<M extends { readonly type: string }>(me: Self<never>, to: Ref<M>, message: M): void {
      me.send(to, message);
      me.sendAfter(1, to, message);
    }
    forward(undefined as never, ab, { type: "a", x: 1 });
  });

  test("a part of a protocol is enough", () => {
    function ask<M>(me: Self<never>, to: Ref<M | Call<"get", [], number>>): Wait<number> {
      const asked: Ref<Call<"get", [], number>> = to;
      return me.call(asked, "get");
    }
    void ask;
  });

  test("an actor without calls, or without casts, has none at all", () => {
    // @ts-expect-error it takes plain messages only
    self.call(a, "anything", 1, 2);
    // @ts-expect-error it takes plain messages only
    self.cast(a, "anything");
    // @ts-expect-error it takes calls only
    self.cast(undefined as unknown as Ref<Call<"get", [], number>>, "get");
    // @ts-expect-error it takes casts only
    self.call(undefined as unknown as Ref<Cast<"put", []>>, "put");
  });
});
