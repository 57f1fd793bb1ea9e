import { describe, expect, test } from "vitest";
import {
  actor,
  exit,
  process,
  selfOf,
  type ExitReason,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import {
  child,
  dynamicSupervisor,
  startChild,
  supervisor,
  template,
  type ChildOptions,
  type Strategy,
} from "../../supervisors/index.ts";
import { Stage } from "../supervisors/stage.ts";

/** What supervisors elsewhere got wrong: the list is docs/field-mistakes.md. */
const log: string[] = [];

/** Tells of its life, and ends in each way that code can fail. */
const worker = (id: string) =>
  actor({
    label: id,
    init: (self) => {
      self.trapExits();
      log.push(`+${id}`);
      return { id, n: 0 };
    },
    call: { get: (state) => state.n },
    cast: {
      set: (state, n: number) => {
        state.n = n;
      },
      throws() {
        throw new Error("thrown");
      },
      async rejects() {
        await this.sleep(1);
        throw new Error("rejected");
      },
      *fails() {
        yield* this.sleep(1);
        throw new Error("in a generator");
      },
      ends: (_state, reason: ExitReason) => exit(reason),
    },
    terminate: () => void log.push(`-${id}`),
  });

function tree(strategy: Strategy, restarts: number, options: Readonly<Record<string, ChildOptions>> = {}) {
  log.length = 0;
  const stage = new Stage();
  const made = (id: string) => child(worker(id), [], options[id]);
  const started = stage.start(
    supervisor({
      strategy,
      intensity: { restarts, withinMs: 5000 },
      children: { a: made("a"), b: made("b"), c: made("c") },
    }),
  );
  return { stage, self: stage.self, log: (): string => log.splice(0).join(" "), ...started };
}

const isGone = (stage: Stage, ref: Ref<never>): boolean => stage.kernel.entry(ref.serial) === undefined;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("field: supervision", () => {
  test.each(["throws", "rejects", "fails"] as const)(
    "a handler that %s restarts the child, with the arguments and the state of its first start",
    async (how) => {
      const { stage, self, children } = tree("one_for_one", 1);
      self.cast(children.a, "set", 7);
      self.cast(children.a, how);
      stage.advance(1);
      await settled();
      stage.advance(0);
      expect(stage.result(self.call(children.a, "get"))).toBe(0);
      expect(stage.reports().map((line) => line.split(" ").slice(0, 2))).toEqual([["child_terminated", "a"]]);
    },
  );

  test("the restart budget is the supervisor's, and its children share it", () => {
    const { stage, self, ref, children } = tree("one_for_one", 2);
    for (const id of ["a", "b"] as const) self.cast(children[id], "ends", "boom");
    stage.advance(0);
    expect(isGone(stage, ref)).toBe(false);
    self.cast(children.c, "ends", "boom");
    stage.advance(0);
    expect(isGone(stage, ref)).toBe(true);
  });

  test.each(["one_for_all", "rest_for_one"] as const)(
    "a restart of %s counts once, however many children it takes",
    (strategy) => {
      const { stage, self, ref, children } = tree(strategy, 2);
      for (let n = 0; n < 2; n++) {
        self.cast(children.a, "ends", "boom");
        stage.advance(0);
      }
      expect(isGone(stage, ref)).toBe(false);
      self.cast(children.a, "ends", "boom");
      stage.advance(0);
      expect(isGone(stage, ref)).toBe(true);
    },
  );

  test("the default budget is one restart in 5 s", () => {
    const stage = new Stage();
    const { ref, children } = stage.start(supervisor({ children: { a: child(worker("a"), []) } }));
    stage.self.cast(children.a, "ends", "boom");
    stage.advance(6000);
    stage.self.cast(children.a, "ends", "boom");
    stage.advance(5999 - 1000);
    expect(isGone(stage, ref)).toBe(false);
    stage.self.cast(children.a, "ends", "boom");
    stage.advance(0);
    expect(isGone(stage, ref)).toBe(true);
  });

  test("who is added later stands last, who is restarted by hand keeps its place, and who is replaced moves to the end", () => {
    const { stage, self, ref, log: told } = tree("one_for_one", 0);
    const order = (): string => {
      const ids = stage.result(self.call(ref, "whichChildren")).map(({ id }) => id);
      return ids.toReversed().join("");
    };
    stage.result(startChild(self, ref, "d", child(worker("d"), [])));
    stage.result(self.call(ref, "terminateChild", "b"));
    stage.result(self.call(ref, "restartChild", "b"));
    expect(order()).toBe("abcd");
    stage.result(self.call(ref, "terminateChild", "a"));
    stage.result(self.call(ref, "deleteChild", "a"));
    stage.result(startChild(self, ref, "a", child(worker("a"), [])));
    expect(order()).toBe("bcda");
    told();
    self.exit(ref, "shutdown");
    stage.advance(0);
    expect(told()).toBe("-a -d -c -b");
  });

  test.each([
    ["one_for_all", "-d -c -a +a +b +c +d"],
    ["rest_for_one", "-d -c +b +c +d"],
  ] as const)("%s holds for children that were added later, too", (strategy, expected) => {
    const { stage, self, ref, children, log: told } = tree(strategy, 1);
    stage.result(startChild(self, ref, "d", child(worker("d"), [])));
    told();
    self.exit(children.b, "kill");
    stage.advance(0);
    expect(told()).toBe(expected);
  });

  test.each([
    ["one_for_all", "-c -a +a +b +c"],
    ["rest_for_one", "-c +b +c"],
  ] as const)("%s revives siblings that were stopped", (strategy, expected) => {
    const { stage, self, ref, children, log: told } = tree(strategy, 1);
    stage.result(self.call(ref, "terminateChild", "c"));
    self.exit(children.b, "kill");
    stage.advance(0);
    expect(told()).toBe(`+a +b +c ${expected}`);
  });

  test("a temporary sibling goes down with one_for_all, is not started again, and its own end disturbs nobody", () => {
    const { stage, self, ref, children, log: told } = tree("one_for_all", 1, { b: { restart: "temporary" } });
    told();
    self.exit(children.c, "kill");
    stage.advance(0);
    expect(told()).toBe("-b -a +a +c");
    stage.result(startChild(self, ref, "t", child(worker("t"), [], { restart: "temporary" })));
    const [newest] = stage.result(self.call(ref, "whichChildren"));
    self.exit(newest?.ref ?? ref, "kill");
    stage.advance(0);
    expect(told()).toBe("+t");
    expect(stage.result(self.call(ref, "countChildren")).specs).toBe(2);
  });

  test("a start that fails deep in a tree stops what had started, and says the way down", () => {
    const stage = new Stage();
    log.length = 0;
    const broken = actor({ init: () => exit("nope") });
    const inner = supervisor({ children: { b: child(worker("b"), []), broken: child(broken, []) } });
    const outer = supervisor({
      children: { a: child(worker("a"), []), inner: child(inner, []), c: child(worker("c"), []) },
    });
    const failed = (id: string, reason: unknown) => ({
      type: "shutdown",
      detail: { type: "failed_to_start_child", id, reason },
    });
    expect(stage.failure(stage.self.start(outer))).toMatchObject({
      details: { reason: failed("inner", failed("broken", "nope")) },
    });
    expect(log).toEqual(["+a", "+b", "-b", "-a"]);
    expect([...stage.kernel.actors()].length).toBe(1);
  });

  test("a child that does not obey shutdown is killed when its time is over, and the others still end in order", () => {
    const stage = new Stage();
    log.length = 0;
    const deaf = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
      self.trapExits();
      for (;;) yield* self.receive("exit");
    });
    const { ref } = stage.start(
      supervisor({
        children: {
          a: child(worker("a"), []),
          deaf: child(deaf, [], { shutdown: 100 }),
          b: child(worker("b"), []),
        },
      }),
    );
    stage.self.exit(ref, "shutdown");
    stage.advance(99);
    expect(log).toEqual(["+a", "+b", "-b"]);
    stage.advance(1);
    expect(log).toEqual(["+a", "+b", "-b", "-a"]);
    expect(isGone(stage, ref)).toBe(true);
    expect(stage.reports()).toEqual(["shutdown_error deaf killed"]);
  });

  test("a stop asked for with the reason normal, by a stranger, stops neither a supervisor nor its child", () => {
    const stage = new Stage();
    const plain = actor({ init: () => 0, call: { get: () => "here" } });
    const { ref, children } = stage.start(supervisor({ children: { plain: child(plain, []) } }));
    const stranger = selfOf<never>(stage.actor());
    stranger.exit(ref, "normal");
    stranger.exit(children.plain, "normal");
    stage.advance(0);
    expect(isGone(stage, ref)).toBe(false);
    expect(stage.result(stranger.call(children.plain, "get"))).toBe("here");
    expect(stage.ended).toEqual([]);
  });

  test("a killed supervisor's children are dead before its parent starts the next ones", () => {
    const stage = new Stage();
    log.length = 0;
    let alive = 0;
    let most = 0;
    const counted = actor({
      init: (self) => {
        most = Math.max(most, ++alive);
        self.signal.addEventListener("abort", () => alive--);
      },
    });
    const inner = supervisor({ children: { x: child(counted, []), y: child(counted, []) } });
    const { children } = stage.start(supervisor({ children: { inner: child(inner, []) } }));
    stage.self.exit(children.inner, "kill");
    stage.advance(0);
    expect([alive, most]).toEqual([2, 2]);
    expect(stage.reports()).toEqual(["child_terminated inner killed"]);
  });

  test("what was said to an incarnation never reaches the next one", () => {
    const { stage, self, ref, children } = tree("one_for_one", 1);
    const incarnationOfA = (): Ref<never> => {
      const found = stage.result(self.call(ref, "whichChildren")).find(({ id }) => id === "a");
      if (found?.incarnation === undefined) throw new Error("a does not run");
      return found.incarnation;
    };
    const old = incarnationOfA();
    self.exit(old, "kill");
    stage.advance(0);
    const late = incarnationOfA();
    self.exit(old, "kill");
    stage.advance(0);
    expect(String(incarnationOfA())).toBe(String(late));
    expect(stage.result(self.call(children.a, "get"))).toBe(0);
  });

  test("messages that waited for a child that crashed are dead letters, calls fail with its reason, and the next one begins empty", () => {
    const { stage, self, children } = tree("one_for_one", 1);
    self.cast(children.a, "ends", "boom");
    self.cast(children.a, "set", 9);
    const asked = self.call(children.a, "get");
    expect(stage.failure(asked)).toMatchObject({ code: "CALL_EXIT", details: { reason: "boom" } });
    const letters = stage.kernel.testPlatform.events.filter(({ type }) => type === "dead-letter");
    expect(letters).toMatchObject([{ count: 2 }]);
    expect(stage.result(self.call(children.a, "get"))).toBe(0);
  });

  test("every crash is told before its restart, and a loop of them under its own word", () => {
    const stage = new Stage();
    const { children } = stage.start(
      supervisor({
        intensity: { restarts: 9, withinMs: 1000 },
        crashLoopAfter: 2,
        children: { a: child(worker("a"), []) },
      }),
    );
    for (let n = 0; n < 3; n++) {
      stage.self.cast(children.a, "throws");
      stage.advance(0);
    }
    const told = stage.kernel.testPlatform.events.map((event) =>
      event.type === "supervisor" ? event.report : event.type,
    );
    const one = ["crash", "child_terminated"];
    expect(told).toEqual([...one, ...one, "crash_loop", ...one, "crash_loop"]);
  });

  test("a supervisor that gives up takes its whole tree with it, and nothing of it is left", () => {
    const { stage, self, ref, children } = tree("one_for_one", 0);
    self.cast(children.b, "ends", "boom");
    stage.advance(0);
    expect(isGone(stage, ref)).toBe(true);
    expect([...stage.kernel.actors()].length).toBe(1);
    expect(stage.kernel.timers.size).toBe(0);
  });

  test("many children of a dynamic supervisor stop within one time-out together, and not each in its own", () => {
    const stage = new Stage();
    const slow = actor({
      init: (self) => self.trapExits(),
      *terminate() {
        yield* this.sleep(80);
      },
    });
    const { ref } = stage.start(dynamicSupervisor({ child: template(slow, { shutdown: 100 }) }));
    for (let n = 0; n < 50; n++) stage.result(stage.self.call(ref, "startChild"));
    stage.self.exit(ref, "shutdown");
    stage.advance(80);
    expect(isGone(stage, ref)).toBe(true);
    expect(stage.reports()).toEqual([]);
  });
});
