import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  actor,
  addressOf,
  exit,
  ignore,
  isMotesError,
  refTo,
  selfOf,
  sys,
  type Cast,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import {
  application,
  applications,
  child,
  supervisor,
  type AnyApplication,
  type Application,
  type StartType,
} from "../../supervisors/index.ts";
import { Stage } from "./stage.ts";

interface Hello {
  readonly type: "hello";
}

interface End {
  readonly type: "end";
}

/** Tells when it starts and stops, and ends as it is told. */
const top = (log: string[], name: string) =>
  actor({
    label: name,
    init(self) {
      self.trapExits();
      log.push(`start ${name}`);
      return {};
    },
    cast: {
      end(_state, reason: string) {
        this.stop(reason);
      },
    },
    info: { hello(_state, _message: Hello) {} },
    terminate: (_state, reason) => {
      log.push(`stop ${name} ${String(reason)}`);
    },
  });

/** The web needs the store and the log, the store needs the log. */
function three(log: string[], type: StartType) {
  const logs = application("log", top(log, "log"), []);
  const store = application("store", top(log, "store"), [], { needs: [logs] });
  const web = application("web", top(log, "web"), [], { needs: [store, logs], type });
  return applications([web]);
}

/** The reason that a start failed with. */
function reasonOf(error: unknown): unknown {
  if (!isMotesError(error, "START_FAILED")) throw error;
  return (error.details as { readonly reason: unknown }).reason;
}

describe("applications", () => {
  test("applications: one starts what it needs first, each once, and all stop in reverse", () => {
    const stage = new Stage();
    const log: string[] = [];
    const { ref, applications: tops } = stage.start(three(log, "permanent"));
    expect(log).toEqual(["start log", "start store", "start web"]);
    expect(Object.keys(tops)).toEqual(["log", "store", "web"]);
    const all = [
      { name: "log", type: "permanent", running: true },
      { name: "store", type: "permanent", running: true },
      { name: "web", type: "permanent", running: true },
    ];
    expect(stage.result(stage.self.call(ref, "whichApplications"))).toEqual(all);
    expect(sys.state(ref)).toEqual(all);
    log.length = 0;
    stage.self.exit(ref, "shutdown");
    stage.advance(0);
    expect(log).toEqual(["stop web shutdown", "stop store shutdown", "stop log shutdown"]);
    expect(stage.reports()).toEqual([]);
    // The stage itself is all that is left.
    expect(sys.actors(stage.self)).toHaveLength(1);
  });

  const endings: readonly (readonly [StartType, string, boolean])[] = [
    ["permanent", "normal", true],
    ["permanent", "boom", true],
    ["transient", "normal", false],
    ["transient", "shutdown", true],
    ["transient", "boom", true],
    ["temporary", "normal", false],
    ["temporary", "boom", false],
  ];
  test.each(endings)("applications: the end of a %s one with %s is fatal: %s", (type, reason, fatal) => {
    const stage = new Stage();
    const log: string[] = [];
    const { ref, applications: tops } = stage.start(three(log, type));
    stage.self.cast(tops.web, "end", reason);
    stage.advance(0);
    const crashes = stage.kernel.testPlatform.events.filter((event) => event.type === "crash");
    expect(stage.reports()).toEqual([`application_terminated web ${reason}`]);
    const own = [`stop web ${reason}`];
    expect(log.slice(3)).toEqual(fatal ? [...own, "stop store shutdown", "stop log shutdown"] : own);
    expect(stage.ended.includes(ref.toString())).toBe(fatal);
    const codes = crashes.map(
      (crash) => typeof crash.reason === "object" && "code" in crash.reason && crash.reason.code,
    );
    expect(codes.filter((code) => code === "APPLICATION_TERMINATED")).toHaveLength(fatal ? 1 : 0);
    if (fatal) return;
    const which = stage.result(stage.self.call(ref, "whichApplications"));
    expect(which.map(({ running }) => running)).toEqual([true, true, false]);
    stage.self.exit(ref, "shutdown");
    stage.advance(0);
    expect(log.slice(4)).toEqual(["stop store shutdown", "stop log shutdown"]);
  });

  test("applications: one that fails to start stops those before it in reverse; none after it starts", () => {
    const stage = new Stage();
    const log: string[] = [];
    const first = application("first", top(log, "first"), []);
    const second = application("second", top(log, "second"), [], { needs: [first] });
    const bad = application("bad", actor({ init: () => exit("no disk") }), [], { needs: [second] });
    const late = application("late", top(log, "late"), [], { needs: [bad] });
    expect(reasonOf(stage.failure(stage.self.start(applications([late]))))).toEqual({
      type: "shutdown",
      detail: { type: "failed_to_start_application", id: "bad", reason: "no disk" },
    });
    expect(log).toEqual(["start first", "start second", "stop second shutdown", "stop first shutdown"]);
    expect(stage.reports()).toEqual(["start_error bad no disk"]);
    expect(sys.actors(stage.self)).toHaveLength(1);
  });

  test("applications: one that chooses not to start is a failed start", () => {
    const stage = new Stage();
    const none = application("none", actor({ init: (): typeof ignore => ignore }), [], { type: "temporary" });
    expect(reasonOf(stage.failure(stage.self.start(applications([none]))))).toMatchObject({
      detail: { id: "none", reason: "ignore" },
    });
  });

  test("applications: arguments from the addresses of what is needed; a whole tree is one application", () => {
    const stage = new Stage();
    const log: string[] = [];
    const store = application("store", top(log, "store"), []);
    const seen: unknown[] = [];
    const user = actor({ init: (_self, ref: Ref<Hello>) => seen.push(ref) });
    const users = application("users", user, (needed) => [needed.store], { needs: [store] });
    const tree = application("tree", supervisor({ children: { only: child(top(log, "only"), []) } }), []);
    const { applications: tops } = stage.start(applications([tree, users]));
    expect(Object.keys(tops)).toEqual(["tree", "store", "users"]);
    expect(seen.map(String)).toEqual([String(tops.store)]);
    expect(stage.result(stage.self.call(tops.tree, "countChildren")).active).toBe(1);
  });

  test("applications: a top actor that ignores its shutdown is killed after its time, and that is told", () => {
    const stage = new Stage();
    const log: string[] = [];
    const deaf = actor({
      init: (self) => {
        self.trapExits();
        return {};
      },
      *terminate(): Generator<Wait<unknown>, void, unknown> {
        for (;;) yield* this.sleep(1000);
      },
    });
    const needed = application("needed", top(log, "needed"), []);
    const { ref } = stage.start(
      applications([application("deaf", deaf, [], { needs: [needed], shutdown: 3000 })]),
    );
    stage.self.exit(ref, "shutdown");
    stage.advance(2999);
    expect(log).toEqual(["start needed"]);
    stage.advance(1);
    expect(log).toEqual(["start needed", "stop needed shutdown"]);
    expect(stage.reports()).toEqual(["shutdown_error deaf killed"]);
  });

  test("applications: a child of a supervisor like any other; its fatal end is restarted as a whole", () => {
    const stage = new Stage();
    const log: string[] = [];
    const apps = child(three(log, "permanent"), [], { restart: "transient" });
    const { children } = stage.start(supervisor({ children: { apps } }));
    const [, , web] = sys.actors(stage.self).filter(({ label }) => ["log", "store", "web"].includes(label));
    if (web === undefined) throw new Error("no web");
    stage.self.exit(web.ref, "kill");
    stage.advance(0);
    expect(log.slice(3)).toEqual([
      "stop store shutdown",
      "stop log shutdown",
      "start log",
      "start store",
      "start web",
    ]);
    expect(stage.result(stage.self.call(children.apps, "whichApplications"))).toHaveLength(3);
  });

  test("applications: one that ends while others still start is heard of when all have", () => {
    const stage = new Stage();
    const log: string[] = [];
    const brief = actor({
      init(self: Self<End>) {
        self.sendAfter(10, self.ref, { type: "end" });
        return {};
      },
      info: {
        end(_state, _message: End) {
          this.stop("done");
        },
      },
    });
    const slow = actor({
      *init(self): Generator<Wait<unknown>, object, unknown> {
        yield* self.sleep(50);
        log.push("start slow");
        return {};
      },
    });
    const first = application("first", top(log, "first"), []);
    const start = stage.self.start(
      applications([first, application("brief", brief, []), application("slow", slow, [])]),
    );
    stage.advance(49);
    expect(log).toEqual(["start first"]);
    stage.advance(1);
    expect(Object.keys(stage.result(start).applications)).toEqual(["first", "brief", "slow"]);
    expect(log).toEqual(["start first", "start slow", "stop first shutdown"]);
    expect(stage.reports()).toEqual(["application_terminated brief done"]);
  });

  test("applications: exits of strangers and messages of no kind are no matter", () => {
    const stage = new Stage();
    const { ref, applications: tops } = stage.start(three([], "permanent"));
    const stranger = selfOf<never>(stage.actor());
    stranger.link(ref);
    stranger.exit(stranger.ref, "kill");
    stage.advance(0);
    // @ts-expect-error it has one call
    const error = stage.failure(stage.self.call(ref, "countChildren"));
    expect(isMotesError(error, "CALL_UNKNOWN_OP")).toBe(true);
    // @ts-expect-error it takes no messages
    stage.self.send(ref, { type: "hello" });
    expect(stage.reports()).toEqual(["unexpected_message  hello"]);
    stage.self.send(tops.web, { type: "hello" });
    expect(stage.result(stage.self.call(ref, "whichApplications"))).toHaveLength(3);
  });

  const scene = fc.integer({ min: 1, max: 7 }).chain((size) =>
    fc.record({
      // Each needs some of those before it: no circles.
      needs: fc.tuple(
        ...Array.from({ length: size }, (_, i) =>
          i === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(i - 1), { maxLength: 3 }),
        ),
      ),
      asked: fc.shuffledSubarray(
        Array.from({ length: size }, (_, i) => i),
        { minLength: 1 },
      ),
      types: fc.array(fc.constantFrom<StartType>("permanent", "transient", "temporary"), {
        minLength: size,
        maxLength: size,
      }),
      fails: fc.option(fc.nat(size - 1), { nil: -1 }),
      ends: fc.array(fc.tuple(fc.nat(size - 1), fc.constantFrom("normal", "boom")), { maxLength: 4 }),
    }),
  );

  test("applications: of any graph, what is started is stopped in reverse, whatever fails or ends", () => {
    fc.assert(
      fc.property(scene, ({ needs, asked, types, fails, ends }) => {
        const stage = new Stage();
        const log: string[] = [];
        const bad = actor({ init: () => exit("no") });
        const all: Application<string, ProtocolOf<ReturnType<typeof top>>, AnyApplication>[] = [];
        for (const [i, list] of needs.entries()) {
          const options = { needs: list.map((n) => all[n] as AnyApplication), type: types[i] ?? "permanent" };
          all.push(application(`n${i}`, i === fails ? (bad as never) : top(log, `n${i}`), [], options));
        }
        const wait = stage.self.start(applications(asked.map((i) => all[i] as AnyApplication)));
        const order = orderOf(asked, needs);
        const failsAt = order.indexOf(fails);
        const starts = (failsAt < 0 ? order : order.slice(0, failsAt)).map((i) => `start n${i}`);
        const stops = (running: readonly number[]) => running.toReversed().map((i) => `stop n${i} shutdown`);
        if (failsAt >= 0) {
          expect(isMotesError(stage.failure(wait), "START_FAILED")).toBe(true);
          expect(log).toEqual([...starts, ...stops(order.slice(0, failsAt))]);
          return;
        }
        const { ref } = stage.result(wait);
        expect(log.splice(0)).toEqual(starts);
        let running = order;
        for (const [i, reason] of ends) {
          const actorOf = sys.actors(stage.self).find(({ label }) => label === `n${i}`);
          if (actorOf === undefined) continue;
          stage.self.cast(refTo<Cast<"end", [string]>>(addressOf(actorOf.ref)), "end", reason);
          stage.advance(0);
          running = running.filter((other) => other !== i);
          const type = types[i];
          const fatal = type === "permanent" || (type === "transient" && reason === "boom");
          const rest = fatal ? running : [];
          expect(log.splice(0)).toEqual([`stop n${i} ${reason}`, ...stops(rest)]);
          if (fatal) running = [];
        }
        stage.self.exit(ref, "shutdown");
        stage.advance(0);
        expect(log).toEqual(stops(running));
        expect(sys.actors(stage.self)).toHaveLength(1);
      }),
      { numRuns: 200 },
    );
  });
});

/** The model: what is needed first, each once, else as asked for. */
function orderOf(asked: readonly number[], needs: readonly (readonly number[])[]): readonly number[] {
  const order: number[] = [];
  for (const i of asked)
    for (const each of [...orderOf(needs[i] ?? [], needs), i]) if (!order.includes(each)) order.push(each);
  return order;
}
