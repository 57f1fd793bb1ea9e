import { describe, expect, test } from "vitest";
import {
  actor,
  exit,
  ignore,
  isMotesError,
  shutdown,
  type ProtocolOf,
  type Ref,
} from "../../kernel/index.ts";
import { die } from "../../kernel/death.ts";
import { child, startChild, supervisor } from "../../supervisors/index.ts";
import { Stage } from "./stage.ts";

const counter = actor({
  label: "counter",
  init: (_self, start: number) => ({ n: start }),
  call: { get: (state) => state.n, add: (state, by: number) => (state.n += by) },
  cast: {
    crash: (_state) => {
      exit("boom");
    },
  },
});

const reader = actor({
  init: (_self, source: Ref<ProtocolOf<typeof counter>>) => ({ source }),
  call: {
    *read(state) {
      return yield* this.call(state.source, "get");
    },
  },
});

describe("supervisor", () => {
  test("supervisor: the address of a child follows it over a restart", () => {
    const stage = new Stage();
    const { self } = stage;
    const { children } = stage.start(supervisor({ children: { counter: child(counter, [7]) } }));
    expect(stage.result(self.call(children.counter, "add", 1))).toBe(8);
    self.cast(children.counter, "crash");
    stage.advance(0);
    expect(stage.result(self.call(children.counter, "get"))).toBe(7);
    expect(stage.reports()).toEqual(["child_terminated counter boom"]);
  });

  test("supervisor: arguments are made from siblings, also from one that starts later", () => {
    const stage = new Stage();
    const { self } = stage;
    const store = child(counter, [5]);
    const tree = supervisor({
      children: { reader: child(reader, (siblings) => [siblings.refOf(store)]), store },
    });
    const { children } = stage.start(tree);
    expect(stage.result(self.call(children.reader, "read"))).toBe(5);
    self.cast(children.store, "crash");
    stage.advance(0);
    expect(stage.result(self.call(children.reader, "read"))).toBe(5);
  });

  test("supervisor: a sibling that is none is a failed start with its code", () => {
    const stage = new Stage();
    const elsewhere = child(counter, [5]);
    const tree = supervisor({
      children: { reader: child(reader, (siblings) => [siblings.refOf(elsewhere)]) },
    });
    const error = stage.failure(stage.self.start(tree));
    expect(error).toMatchObject({
      code: "START_FAILED",
      details: { reason: { type: "shutdown", detail: { id: "reader", reason: { code: "NO_SIBLING" } } } },
    });
  });

  test("supervisor: nested trees give typed addresses at each level", () => {
    const stage = new Stage();
    const { self } = stage;
    const inner = supervisor({ children: { deep: child(counter, [1]) } });
    const { children } = stage.start(supervisor({ children: { inner: child(inner, []) } }));
    const { deep } = stage.result(self.call(children.inner, "children"));
    expect(stage.result(self.call(deep, "add", 2))).toBe(3);
  });

  test("supervisor: startChild gives the type of what it starts, restartChild keeps its address", () => {
    const stage = new Stage();
    const { self } = stage;
    const { ref } = stage.start(supervisor({ children: {} }));
    const started = stage.result(startChild(self, ref, "extra", child(counter, [3])));
    if (!started.ok) throw new Error(started.error);
    expect(stage.result(self.call(started.ref, "add", 1))).toBe(4);
    expect(stage.result(self.call(ref, "terminateChild", "extra"))).toEqual({ ok: true });
    const gone = stage.failure(self.call(started.ref, "get"));
    expect(gone).toMatchObject({ code: "CALL_EXIT", details: { reason: "noproc" } });
    const again = stage.result(self.call(ref, "restartChild", "extra"));
    expect(again.ok).toBe(true);
    expect(stage.result(self.call(started.ref, "get"))).toBe(3);
    const twice = stage.result(startChild(self, ref, "extra", child(counter, [3])));
    expect("error" in twice && twice.error).toBe("already_started");
    expect("incarnation" in twice && String(twice.incarnation)).toBe(again.ok && String(again.incarnation));
  });

  test("supervisor: its options may be made from its arguments, or it may choose not to start", () => {
    const stage = new Stage();
    const tree = supervisor((_self, start: number) =>
      start < 0 ? ignore : { children: { counter: child(counter, [start]) } },
    );
    const { children } = stage.start(tree, 4);
    expect(stage.result(stage.self.call(children.counter, "get"))).toBe(4);
    expect(isMotesError(stage.failure(stage.self.start(tree, -1)), "START_IGNORED")).toBe(true);
  });

  test("supervisor: a start that fails says which child and why, and leaves nothing behind", () => {
    const stage = new Stage();
    const broken = actor({ init: () => exit("nope") });
    const before = [...stage.kernel.actors()].length;
    const tree = supervisor({
      children: { a: child(counter, [0]), b: child(broken, []), c: child(counter, [0]) },
    });
    expect(stage.failure(stage.self.start(tree))).toMatchObject({
      details: { reason: shutdown({ type: "failed_to_start_child", id: "b", reason: "nope" }) },
    });
    expect([...stage.kernel.actors()].length).toBe(before);
  });

  test("supervisor: killed, it leaves neither children nor their addresses", () => {
    const stage = new Stage();
    const { ref, children } = stage.start(supervisor({ children: { a: child(counter, [0]) } }));
    stage.self.exit(ref, "kill");
    expect(stage.failure(stage.self.call(children.a, "get"))).toMatchObject({
      details: { reason: "noproc" },
    });
    const { serial } = children.a;
    expect(stage.kernel.entry(serial)).toBeUndefined();
  });

  test("supervisor: a child that died unnoticed, unlinked, cannot hang its end", () => {
    const stage = new Stage();
    const naughty = actor({
      init: (self, parent: Ref<never>) => {
        self.unlink(parent);
        return {};
      },
    });
    const tree = supervisor((self) => ({ children: { a: child(naughty, [self.ref]) } }));
    const { ref } = stage.start(tree);
    const [running] = stage.result(stage.self.call(ref, "whichChildren"));
    const incarnation = running?.incarnation;
    if (incarnation === undefined) throw new Error("not running");
    stage.self.exit(incarnation, "boom");
    expect(stage.result(stage.self.call(ref, "countChildren"))).toMatchObject({ specs: 1, active: 0 });
    expect(stage.result(stage.self.call(ref, "terminateChild", "a"))).toEqual({ ok: true });
    expect(stage.reports()).toEqual(["shutdown_error a noproc"]);
  });

  test("supervisor: a call it has not, and a message it has not", () => {
    const stage = new Stage();
    const { ref } = stage.start(supervisor({ children: {} }));
    const wrong = ref as unknown as Ref<ProtocolOf<typeof counter>>;
    expect(stage.failure(stage.self.call(wrong, "get"))).toMatchObject({ code: "CALL_UNKNOWN_OP" });
    stage.self.cast(wrong, "crash");
    expect(stage.reports()).toEqual(["unexpected_message  $cast"]);
  });

  test("supervisor: calls fail with its reason when it ends before them", () => {
    const stage = new Stage();
    const { ref, children } = stage.start(
      supervisor({ intensity: { restarts: 0, withinMs: 1000 }, children: { a: child(counter, [0]) } }),
    );
    const cell = [...stage.kernel.actors()].find(({ behavior }) => behavior.label === "counter");
    if (cell === undefined) throw new Error("no counter");
    die(cell, "boom");
    const waiting = stage.self.call(ref, "whichChildren");
    expect(stage.failure(waiting)).toMatchObject({ code: "CALL_EXIT", details: { reason: "shutdown" } });
    expect(stage.failure(stage.self.call(children.a, "get"))).toMatchObject({
      details: { reason: "noproc" },
    });
  });
});
