import { describe, expect, test } from "vitest";
import {
  actor,
  behaviorOf,
  isMotesError,
  machine,
  name,
  process,
  selfOf,
  sys,
  type Self,
  type TraceEvent,
  type Wait,
} from "../../kernel/index.ts";
import { child, supervisor } from "../../supervisors/index.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";

const idle = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
  self.trapExits();
  for (;;) yield* self.receive("exit");
});

function stage(): TestKernel & { readonly self: Self<never> } {
  const made = testKernel();
  return { ...made, self: selfOf<never>(made.kernel.spawn(behaviorOf(idle), [], null)) };
}

const counter = actor({
  label: "counter",
  init: (_self, n: number) => ({ n }),
  call: { get: (state) => state.n },
  cast: {
    add: (state, by: number) => {
      state.n += by;
    },
    *slow(state): Generator<Wait<unknown>, void, unknown> {
      yield* this.sleep(100);
      state.n += 100;
    },
  },
});

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return isMotesError(error) ? error.code : "?";
  }
  return "none";
};

describe("sys", () => {
  test("sys: actors tells of each how it stands", async () => {
    const { self, settle, kernel } = stage();
    const named = kernel.spawn(behaviorOf(counter), [0], null);
    selfOf<never>(named).register(name<never>("known"));
    const ref = self.spawnLink(counter, 1);
    const waits = self.spawn(counter, 2);
    self.monitor(ref);
    await settle();
    self.cast(waits, "slow");
    await settle();
    self.cast(waits, "add", 1);
    const told = sys
      .actors(self)
      .map(({ ref: _ref, parent, ...rest }) => ({ ...rest, parent: parent?.toString() }));
    const none = { links: 0, monitors: 0, watchers: 0, mailboxLength: 0, name: "", trapsExits: false };
    const parent = self.ref.toString();
    expect(told).toEqual([
      {
        ...none,
        label: "process",
        status: "idle",
        links: 1,
        monitors: 1,
        trapsExits: true,
        parent: undefined,
      },
      { ...none, label: "counter", status: "idle", name: "known", parent: undefined },
      { ...none, label: "counter", status: "idle", links: 1, watchers: 1, parent },
      { ...none, label: "counter", status: "waiting", mailboxLength: 1, parent },
    ]);
    expect(sys.info(ref).label).toBe("counter");
  });

  test("sys: state and replaceState, of an actor, a machine and a supervisor; a process has none", async () => {
    const { self, settle } = stage();
    const ref = self.spawn(counter, 1);
    type Lamp = { readonly state: "on" } | { readonly state: "off" };
    const lamp = self.spawn(machine({ init: (): Lamp => ({ state: "off" }), states: { on: {}, off: {} } }));
    const tree = self.start(supervisor({ children: { only: child(counter, [5]) } }));
    await settle();
    expect(sys.state(ref)).toEqual({ n: 1 });
    expect(sys.replaceState(ref, () => ({ n: 7 }))).toEqual({ n: 7 });
    const got = self.call(ref, "get");
    await settle();
    expect(await got).toBe(7);
    sys.replaceState(lamp, () => ({ state: "on" }));
    expect(sys.state(lamp)).toEqual({ state: "on" });
    expect(codeOf(() => sys.replaceState(lamp, () => ({ state: "broken" })))).toBe("UNKNOWN_STATE");
    const { ref: treeRef } = await tree;
    const children = sys.state(treeRef) as readonly { readonly id: string }[];
    expect(children.map(({ id }) => id)).toEqual(["only"]);
    expect(codeOf(() => sys.replaceState(treeRef, () => 1))).toBe("BAD_OPTION");
    expect(sys.state(self.ref)).toBeUndefined();
    expect(codeOf(() => sys.replaceState(ref, () => JSON.parse("{")))).toBe("?");
    expect(sys.state(ref)).toEqual({ n: 7 });
  });

  test("sys: a suspended actor queues its messages, can be asked and changed, and goes on when resumed", async () => {
    const { self, settle } = stage();
    const ref = self.spawn(counter, 1);
    await settle();
    self.cast(ref, "add", 1);
    sys.suspend(ref);
    sys.suspend(ref);
    self.cast(ref, "add", 2);
    const got = self.call(ref, "get");
    await settle();
    expect([sys.info(ref).status, sys.info(ref).mailboxLength]).toEqual(["suspended", 3]);
    expect(sys.state(ref)).toEqual({ n: 1 });
    sys.replaceState(ref, () => ({ n: 10 }));
    sys.resume(ref);
    await settle();
    expect(await got).toBe(13);
    expect(sys.info(ref).status).toBe("idle");
  });

  test("sys: suspended and resumed while it stands in the run queue, it runs once", async () => {
    const { self, settle, kernel } = stage();
    const [a, b, c] = [self.spawn(counter, 1), self.spawn(counter, 2), self.spawn(counter, 3)];
    await settle();
    for (const ref of [a, b, c]) self.cast(ref, "add", 1);
    sys.suspend(a);
    sys.resume(a);
    sys.suspend(b);
    await settle();
    expect([a, b, c].map((ref) => sys.state(ref))).toEqual([{ n: 2 }, { n: 2 }, { n: 4 }]);
    sys.resume(b);
    sys.suspend(b);
    sys.resume(b);
    await settle();
    expect([a, b, c].map((ref) => sys.state(ref))).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
    expect(kernel.turn()).toBe(Infinity);
  });

  test("sys: a handler that waits, and a process, are held where they are", async () => {
    const { self, advance } = stage();
    const ref = self.spawn(counter, 1);
    const log: string[] = [];
    const steps = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
      yield* self.sleep(10);
      log.push("woke");
    });
    const sleeper = self.spawn(steps);
    self.cast(ref, "slow");
    await advance(1);
    sys.suspend(ref);
    sys.suspend(sleeper);
    await advance(500);
    expect([sys.state(ref), log]).toEqual([{ n: 1 }, []]);
    sys.resume(ref);
    sys.resume(sleeper);
    await advance(0);
    expect([sys.state(ref), log]).toEqual([{ n: 101 }, ["woke"]]);
  });

  test("sys: signals end a suspended actor, also the exit of the parent of one that traps exits", async () => {
    const { self, settle } = stage();
    const plain = self.spawn(counter, 1);
    const traps = self.spawn(
      actor({
        init(self) {
          self.trapExits();
          return {};
        },
      }),
    );
    await settle();
    sys.suspend(plain);
    sys.suspend(traps);
    self.exit(plain, "shutdown");
    self.exit(traps, "shutdown");
    await settle();
    expect(sys.actors(self)).toHaveLength(1);
    expect(codeOf(() => sys.info(plain))).toBe("NOT_HERE");
    expect(codeOf(() => sys.suspend(plain))).toBe("NOT_HERE");
  });

  test("sys: an actor cannot suspend itself", async () => {
    const { self, settle, platform } = stage();
    self.spawn(
      actor({
        init(self) {
          sys.suspend(self.ref);
          return {};
        },
      }),
    );
    await settle();
    expect(platform.events).toMatchObject([{ type: "crash", reason: { code: "BAD_OPTION" } }]);
  });

  test("sys: a trace tells of every signal of one actor until it is stopped or the actor ends", async () => {
    const { self, settle, kernel } = stage();
    const peer = self.spawn(counter, 0);
    const traced = self.spawn(
      actor({
        label: "traced",
        init: () => ({}),
        cast: {
          tell(_state, to: typeof peer) {
            this.cast(to, "add", 1);
            this.call(to, "get").catch(() => {});
          },
        },
      }),
    );
    await settle();
    const log: TraceEvent[] = [];
    const stop = sys.trace(traced, (event) => log.push(event));
    const stopFaulty = sys.trace(traced, () => {
      throw new Error("sink");
    });
    self.cast(traced, "tell", peer);
    await settle();
    self.exit(traced, "normal");
    self.exit(traced, "kill");
    await settle();
    const me = self.ref.toString();
    const it = peer.toString();
    expect(log.map(({ type, other, signal }) => [type, other, signal])).toEqual([
      ["received", me, `cast tell ["${it}"]`],
      ["sent", it, "cast add [1]"],
      ["sent", it, "call get []"],
      ["exit_signal", me, "normal"],
      ["exit_signal", me, "kill"],
      ["ended", "", "killed"],
    ]);
    stop();
    stopFaulty();
    expect(kernel.traces === null).toBe(true);
  });

  test("sys: statistics count from when they are started, and cost nothing once stopped", async () => {
    const { self, advance, kernel } = stage();
    const ref = self.spawn(counter, 0);
    await advance(10);
    expect(sys.statistics(ref)).toBeUndefined();
    sys.startStatistics(ref);
    for (let i = 0; i < 5; i++) self.cast(ref, "add", 1);
    await advance(10);
    expect(sys.statistics(ref)).toEqual({ startedAtMs: 10, nowMs: 20, messagesIn: 5, messagesOut: 0 });
    sys.stopStatistics(ref);
    expect([sys.statistics(ref), kernel.traces === null]).toEqual([undefined, true]);
  });

  test("sys: a crash in the middle of a handler names the message it was taking", async () => {
    const { self, settle, platform } = stage();
    const crashes = actor({
      init: () => ({ secret: "s" }),
      cast: {
        async later(_state, _n: number) {
          await Promise.resolve();
          throw new Error("late");
        },
      },
    });
    self.cast(self.spawn(crashes), "later", 1);
    const steps = process(function* (
      self: Self<{ readonly type: "go" }>,
    ): Generator<Wait<unknown>, void, unknown> {
      yield* self.receive("go");
      throw new Error("process");
    });
    self.send(self.spawn(steps), { type: "go" });
    await settle();
    const reports = platform.events.map((event) =>
      event.type === "crash" ? `${event.label} ${event.lastMessage}` : "",
    );
    expect(reports.toSorted()).toEqual(["actor cast later [1]", 'process go {"type":"go"}']);
  });
});
