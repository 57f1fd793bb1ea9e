import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChildSpec, Entry, OracleEvent, StartPlan, SupSpec } from "../oracle/case.ts";
import { Replay } from "../oracle/replay.ts";

const strategies = ["one_for_one", "one_for_all", "rest_for_one"];
const reasons = ["boom", "normal", "shutdown", "{shutdown,x}"];
const plans: fc.Arbitrary<StartPlan> = fc
  .array(fc.constantFrom("ok" as const, "ok" as const, "error" as const, "ignore" as const), { maxLength: 4 })
  .map((results) => [
    { result: "ok" },
    ...results.map((result) => (result === "error" ? { result, reason: "e" } : { result })),
    { result: "ok" },
  ]);

const workers = (ids: string): fc.Arbitrary<ChildSpec>[] =>
  [...ids].map((id) =>
    fc.record({
      id: fc.constant(id),
      type: fc.constant("worker" as const),
      restart: fc.constantFrom("permanent", "transient", "temporary"),
      significant: fc.constant(false),
      shutdown: fc.constantFrom(0, 100, "infinity", "brutal_kill"),
      start: plans,
      on_shutdown: fc.constantFrom(
        { mode: "exit" as const },
        { mode: "trap" as const, reason: "shutdown", delay: 10 },
      ),
    }),
  );

const sup = (id: string, children: fc.Arbitrary<readonly ChildSpec[]>): fc.Arbitrary<SupSpec> =>
  fc.record({
    id: fc.constant(id),
    strategy: fc.constantFrom(...strategies),
    intensity: fc.nat(6),
    period: fc.constant(3600),
    auto_shutdown: fc.constant("never"),
    children,
  });

const inner: fc.Arbitrary<ChildSpec> = sup("in", fc.tuple(...workers("xy"))).map((nested) => ({
  id: "in",
  type: "supervisor",
  restart: "permanent",
  significant: false,
  shutdown: "infinity",
  sup: nested,
}));

const trees = sup("root", fc.tuple(...workers("abc"), inner, ...workers("d")));

const children = fc.constantFrom("a", "b", "c", "d", "x", "y");
const calls = fc.constantFrom("terminate_child" as const, "restart_child" as const, "delete_child" as const);
const step: fc.Arbitrary<OracleEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("exit" as const),
      child: children,
      reason: fc.constantFrom(...reasons),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant("kill" as const), child: children, reason: fc.constant("kill") }),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ op: calls, child: children })
      .map(({ op, child }) => ({ op, child, sup: child < "x" ? "root" : "in" })),
  },
);
const events = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: step },
    {
      weight: 1,
      arbitrary: fc
        .array(step, { minLength: 2, maxLength: 4 })
        .map((steps): OracleEvent => ({ op: "batch", sup: "root", events: steps })),
    },
  ),
  { maxLength: 12 },
);

const stop: OracleEvent = { op: "exit_sup", sup: "root", from: "parent", reason: "shutdown" };

function traceOf(spec: SupSpec, steps: readonly OracleEvent[]): readonly Entry[] {
  return new Replay({ name: "", doc: "", spec, events: [...steps, stop], trace: [] }).trace();
}

describe("invariants", () => {
  test("invariants: never two live incarnations of a child, and none is left", () => {
    fc.assert(
      fc.property(trees, events, (spec, steps) => {
        const live = new Map<string, string>();
        for (const { effects } of traceOf(spec, steps)) {
          for (const effect of effects) {
            const [, kind = "", id = "", attempt = "", what] = /^(\w+) (\w+)#(\d+) ?(.*)$/.exec(effect) ?? [];
            if (kind === "exit") {
              expect(live.get(id)).toBe(attempt);
              live.delete(id);
            } else if (
              (kind === "start" && what === "ok" && id !== "root" && id !== "in") ||
              kind === "init"
            ) {
              expect(live.get(id)).toBeUndefined();
              live.set(id, attempt);
            }
          }
        }
        expect([...live]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("invariants: children are stopped in the reverse of their order, each before the next", () => {
    fc.assert(
      fc.property(trees, events, (spec, steps) => {
        const trace = traceOf(spec, steps);
        const before = trace.at(-2);
        const last = trace.at(-1);
        if (before?.children["root"] === undefined) return;
        const expected: string[] = [];
        for (const label of before.children["root"]) {
          if (label.startsWith("in#")) expected.push(...(before.children["in"] ?? []));
          expected.push(label);
        }
        const stopped = last?.effects.map((effect) => effect.split(" ")[1]);
        expect(stopped).toEqual([...expected.filter((label) => label.includes("#")), "root#1"]);
      }),
      { numRuns: 500 },
    );
  });

  test("invariants: a supervisor makes at most as many restarts as its intensity allows", () => {
    const flat = sup("root", fc.tuple(...workers("abcd")));
    fc.assert(
      fc.property(flat, events, (spec, steps) => {
        const trace = traceOf({ ...spec, strategy: "one_for_one" }, steps);
        const byHand = (event: OracleEvent | undefined): boolean =>
          event?.op === "restart_child" || event?.op === "batch";
        const restarts = trace
          .slice(1)
          .filter((_entry, i) => !byHand(steps[i]))
          .flatMap(({ effects }) => effects.filter((effect) => effect.startsWith("start ")));
        expect(restarts.length).toBeLessThanOrEqual(spec.intensity);
      }),
      { numRuns: 500 },
    );
  });
});
