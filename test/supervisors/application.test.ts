import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actor, exit, isMotesError, type Ref } from "../../kernel/index.ts";
import {
  application,
  applications,
  child,
  supervisor,
  type ApplicationType,
} from "../../supervisors/index.ts";
import { startOrder } from "../../supervisors/start-order.ts";
import { Stage } from "./stage.ts";

interface Hello {
  readonly type: "hello";
}

const app = (log: string[], name: string) =>
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

const three = (log: string[], type: ApplicationType) =>
  applications({
    web: application(child(app(log, "web"), []), { needs: ["store", "log"], type }),
    store: application(child(app(log, "store"), []), { needs: ["log"] }),
    log: application(child(app(log, "log"), [])),
  });

const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return isMotesError(error) ? [error.code, error.details] : error;
  }
};

describe("applications", () => {
  test("applications: start after what they need, stop in reverse", () => {
    const stage = new Stage();
    const log: string[] = [];
    const { ref } = stage.start(three(log, "permanent"));
    expect(log).toEqual(["start log", "start store", "start web"]);
    expect(stage.result(stage.self.call(ref, "which"))).toEqual([
      { id: "log", type: "permanent", running: true },
      { id: "store", type: "permanent", running: true },
      { id: "web", type: "permanent", running: true },
    ]);
    log.length = 0;
    stage.self.exit(ref, "shutdown");
    stage.advance(0);
    expect(log).toEqual(["stop web shutdown", "stop store shutdown", "stop log shutdown"]);
  });

  const endings: readonly (readonly [ApplicationType, string, boolean])[] = [
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
    const { ref, applications: refs } = stage.start(three(log, type));
    stage.self.cast(refs.web, "end", reason);
    stage.advance(0);
    stage.self.monitor(ref);
    expect(stage.ended.includes(ref.toString())).toBe(fatal);
    expect(stage.reports()).toContain(`application_terminated web ${reason}`);
    expect(log.slice(3)).toEqual(
      fatal ? [`stop web ${reason}`, "stop store shutdown", "stop log shutdown"] : [`stop web ${reason}`],
    );
    if (fatal) return;
    expect(stage.result(stage.self.call(ref, "which")).at(-1)).toEqual({ id: "web", type, running: false });
  });

  test("applications: one that fails to start stops those before it", () => {
    const stage = new Stage();
    const log: string[] = [];
    const bad = actor({ init: () => exit("no disk") });
    const root = applications({
      bad: application(child(bad, []), { needs: ["log"] }),
      log: application(child(app(log, "log"), [])),
      late: application(child(app(log, "late"), []), { needs: ["bad"] }),
    });
    const error = stage.failure(stage.self.start(root));
    expect(isMotesError(error, "START_FAILED") && error.details).toMatchObject({
      reason: {
        type: "shutdown",
        detail: { type: "failed_to_start_application", id: "bad", reason: "no disk" },
      },
    });
    expect(log).toEqual(["start log", "stop log shutdown"]);
  });

  test("applications: arguments from what has started before; a whole tree is one application", () => {
    const stage = new Stage();
    const log: string[] = [];
    const store = child(app(log, "store"), []);
    const seen: Ref<Hello>[] = [];
    const user = actor({ init: (_self, ref: Ref<Hello>) => seen.push(ref) });
    const { applications: refs } = stage.start(
      applications({
        user: application(
          child(user, (started) => [started.refOf(store)]),
          { needs: ["store"] },
        ),
        store: application(store),
        tree: application(child(supervisor({ children: { only: child(app(log, "only"), []) } }), [])),
      }),
    );
    expect(seen.map(String)).toEqual([String(refs.store)]);
    expect(stage.result(stage.self.call(refs.tree, "countChildren")).active).toBe(1);
  });

  test("applications: circles, unknown needs and bad types are refused by name", () => {
    const part = { child: child(app([], "x"), []), type: "permanent" } as const;
    const a = { ...part, needs: ["b"] } as const;
    const b = { ...part, needs: ["c"] } as const;
    const c = { ...part, needs: ["b"] } as const;
    expect(codeOf(() => applications({ a, b, c }))).toEqual([
      "APPLICATION_CYCLE",
      { cycle: ["b", "c", "b"] },
    ]);
    const lost = { a } as unknown as { a: typeof a; b: typeof b; c: typeof c };
    expect(codeOf(() => applications(lost))).toEqual(["UNKNOWN_APPLICATION", { id: "a", need: "b" }]);
    const odd = { ...part, needs: [], type: "forever" } as unknown as {
      child: typeof part.child;
      type: "permanent";
      needs: readonly [];
    };
    expect(codeOf(() => applications({ odd }))).toMatchObject(["INVALID_RESTART_TYPE", {}]);
  });

  test("start order: each after its needs, else as given; or a circle that is one", () => {
    const graph = fc
      .integer({ min: 1, max: 8 })
      .chain((size) =>
        fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
      );
    fc.assert(
      fc.property(graph, (edges) => {
        const given = Object.fromEntries(
          edges.map((needs, id) => [`n${id}`, { needs: needs.map((n) => `n${n}`) }]),
        );
        const result = codeOf(() => startOrder(given)) as readonly unknown[];
        if (result[0] !== "APPLICATION_CYCLE") {
          const order = result as readonly string[];
          expect(order.toSorted()).toEqual(Object.keys(given).toSorted());
          for (const [id, { needs }] of Object.entries(given))
            for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id));
          return;
        }
        const { cycle } = result[1] as { cycle: readonly string[] };
        expect(cycle[0]).toBe(cycle.at(-1));
        for (let i = 1; i < cycle.length; i++)
          expect(given[cycle[i - 1] as string]?.needs).toContain(cycle[i]);
      }),
      { numRuns: 300 },
    );
  });
});
