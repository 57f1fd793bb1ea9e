import { describe, expect, test } from "vitest";
import {
  actor,
  behaviorOf,
  exit,
  name,
  process,
  refTo,
  selfOf,
  type CrashReport,
  type Definition,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import { textOf } from "../../kernel/crash-report.ts";
import { child, supervisor } from "../../supervisors/index.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";

const idle = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
  self.trapExits();
  for (;;) yield* self.receive("exit");
});

interface Stage extends TestKernel {
  readonly self: Self<never>;
  crashes(): readonly CrashReport[];
}

function stage(development = true): Stage {
  const made = testKernel(1, development);
  const self = selfOf<never>(made.kernel.spawn(behaviorOf(idle), [], null));
  const crashes = (): readonly CrashReport[] =>
    made.platform.events.splice(0).filter((event) => event.type === "crash");
  return { ...made, self, crashes };
}

interface Ping {
  readonly type: "ping";
  readonly secret: string;
}

/** Fails in every way there is. */
const faulty = actor({
  label: "faulty",
  init: (_self, secret: string) => ({ secret }),
  call: {
    fail: () => {
      throw new TypeError("broken");
    },
  },
  cast: {
    fail: (_state, _how: string) => {
      throw new TypeError("broken");
    },
    *failLater(_state, _how: string): Generator<Wait<unknown>, void, unknown> {
      yield* this.sleep(10);
      throw new TypeError("broken");
    },
    stop(_state, reason: string) {
      this.stop(reason);
    },
  },
  info: {
    ping(_state, _message: Ping) {
      throw new TypeError("broken");
    },
  },
});

describe("crash report", () => {
  test("crash report: actor, label, name, last message, state, links, unread, and the stack", async () => {
    const { self, kernel, settle, crashes } = stage();
    const cell = kernel.spawn(behaviorOf(faulty), ["abc"], null);
    selfOf<never>(cell).register(name<never>("known"));
    const ref = refTo<Ping>(cell.ref);
    self.link(ref);
    self.send(ref, { type: "ping", secret: "s" });
    self.send(ref, { type: "ping", secret: "t" });
    await settle();
    const [crash, ...others] = crashes();
    expect(others).toEqual([]);
    expect(crash).toEqual({
      type: "crash",
      actor: ref.toString(),
      label: "faulty",
      name: "known",
      reason: {
        type: "crash",
        name: "TypeError",
        message: "broken",
        stack: expect.stringContaining("crash-report.test.ts"),
      },
      parent: "",
      ancestors: [],
      lastMessage: 'ping {"type":"ping","secret":"s"}',
      state: '{"secret":"abc"}',
      links: [self.ref.toString()],
      unread: 1,
    });
  });

  test("crash report: the ancestors lead up to the root of the VM, and to who owns it", async () => {
    const { kernel, settle, crashes } = stage();
    const inner = supervisor({ label: "inner", children: { worker: child(faulty, ["abc"]) } });
    const outer = supervisor({ label: "outer", children: { inner: child(inner, []) } });
    const owner = kernel.address("", 7, 3);
    const root = kernel.root.spawn(behaviorOf(outer), [], owner);
    await settle();
    const [innerCell, worker] = [...kernel.actors()].slice(-2);
    if (innerCell === undefined || worker === undefined) throw new Error("no tree");
    selfOf<never>(root).send(refTo<Ping>(worker.ref), { type: "ping", secret: "" });
    await settle();
    expect(crashes()[0]).toMatchObject({
      actor: worker.ref.toString(),
      parent: innerCell.ref.toString(),
      ancestors: [`inner ${innerCell.ref.toString()}`, `outer ${root.ref.toString()}`, "<7.3>"],
      links: [innerCell.ref.toString()],
    });
  });

  test("crash report: the ancestors end at one that has ended, and are bounded", async () => {
    const { self, settle, advance, crashes } = stage();
    const deep: Definition<[number], never> = process(
      function* (own: Self<never>, left: number): Generator<Wait<unknown>, void, unknown> {
        if (left === 0) exit("bottom");
        own.spawn(deep, left - 1);
        yield* own.receive();
      },
      { label: "deep" },
    );
    self.spawn(deep, 100);
    await settle();
    expect(crashes().map(({ ancestors }) => ancestors.length)).toEqual([32]);
    const orphan = process(function* (own: Self<never>): Generator<Wait<unknown>, void, unknown> {
      yield* own.sleep(10);
      exit("orphaned");
    });
    const ends = process(function* (own: Self<never>): Generator<Wait<unknown>, void, unknown> {
      own.spawn(orphan);
      yield* own.sleep(1);
    });
    const gone = self.spawn(ends);
    await advance(20);
    expect(crashes()).toMatchObject([{ parent: gone.toString(), ancestors: [gone.toString()] }]);
  });

  test("crash report: the links, near and far", async () => {
    const { self, kernel, platform, settle, crashes } = stage();
    platform.connectTo = () => ({
      congested: false,
      message: () => {},
      call: () => {},
      reply: () => {},
      control: () => {},
    });
    const far = refTo<never>(kernel.address("", 9, 4));
    const linked = actor({
      init(own) {
        own.link(far);
        own.spawnLink(idle);
        return {};
      },
      cast: { fail: () => exit("no") },
    });
    const ref = self.spawnLink(linked);
    await settle();
    self.cast(ref, "fail");
    await settle();
    const [crash] = crashes();
    expect(crash?.links).toHaveLength(3);
    expect(crash?.links).toContain("<9.4>");
    expect(crash?.links).toContain(self.ref.toString());
  });

  const ways: readonly (readonly [string, (stage: Stage) => Promise<void> | void, string])[] = [
    ["a cast", ({ self }) => self.cast(self.spawn(faulty, ""), "fail", "hard"), 'cast fail ["hard"]'],
    [
      "a call",
      ({ self }) =>
        self.call(self.spawn(faulty, ""), "fail").then(
          () => {},
          () => {},
        ),
      "call fail []",
    ],
    [
      "a handler that had waited",
      async ({ self, advance }) => {
        self.cast(self.spawn(faulty, ""), "failLater", "hard");
        await advance(20);
      },
      'cast failLater ["hard"]',
    ],
    [
      "a stop for a bad reason",
      ({ self }) => self.cast(self.spawn(faulty, ""), "stop", "bad"),
      'cast stop ["bad"]',
    ],
    [
      "what a process received last",
      ({ self }) => {
        const body = process(function* (own: Self<Ping>): Generator<Wait<unknown>, void, unknown> {
          yield* own.receive("ping");
          yield* own.sleep(0);
          exit("no");
        });
        self.send(self.spawn(body), { type: "ping", secret: "s" });
      },
      'ping {"type":"ping","secret":"s"}',
    ],
    [
      "an init that fails, which took nothing",
      ({ self }) => void self.spawn(actor({ init: () => exit("no"), format: () => "never asked" })),
      "",
    ],
  ];
  test.each(ways)("crash report: the last message of %s", async (_what, crash, lastMessage) => {
    const made = stage();
    await Promise.all([crash(made), made.settle()]);
    await made.settle();
    expect(made.crashes()).toMatchObject([{ lastMessage }]);
  });

  test("crash report: an init that fails has no state to show", async () => {
    const { self, settle, crashes } = stage();
    self.spawn(actor({ init: () => exit("no"), format: () => "never asked" }));
    await settle();
    expect(crashes()).toMatchObject([{ state: "" }]);
  });

  test("crash report: no contents outside of development, but for what format shows", async () => {
    const { self, settle, crashes } = stage(false);
    self.cast(self.spawn(faulty, "abc"), "fail", "hard");
    const open = actor({
      init: (_self, secret: string) => ({ secret }),
      cast: { fail: () => exit("no") },
      format: ({ secret }) => ({ length: secret.length }),
    });
    self.cast(self.spawn(open, "abc"), "fail");
    const unsound = actor({
      init: () => ({}),
      cast: { fail: () => exit("no") },
      format: () => {
        throw new Error("no format");
      },
    });
    self.cast(self.spawn(unsound), "fail");
    await settle();
    expect(crashes()).toMatchObject([
      { lastMessage: "cast fail", state: "" },
      { lastMessage: "cast fail", state: '{"length":3}' },
      { lastMessage: "cast fail", state: "[its format failed: no format]" },
    ]);
  });

  test.each(["at once", "later"])("crash report: last words that fail are told of too, %s", async (how) => {
    const { self, settle, crashes } = stage();
    const clumsy = actor({
      init: () => ({}),
      cast: {
        end() {
          this.stop("shutdown");
        },
      },
      terminate(): unknown {
        if (how === "at once") throw new Error("last words");
        return this.sleep(0).then(() => exit("last words"));
      },
    });
    const ref = self.spawn(clumsy);
    self.cast(ref, "end");
    await settle();
    expect(crashes()).toHaveLength(1);
  });

  test("crash report: any value has a text, of a bounded length", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(textOf({ map: new Map([["a", 1n]]), set: new Set([1]), f: idle, s: Symbol("x") })).toContain(
      '"map":{"map":[["a","1n"]]},"set":{"set":[1]}',
    );
    expect(textOf(circle)).toContain("[cannot be shown: ");
    expect(textOf("x".repeat(5000))).toHaveLength(2000);
    expect(textOf(undefined)).toBe("undefined");
  });
});
