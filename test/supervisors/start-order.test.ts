import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actor, isMotesError } from "../../kernel/index.ts";
import {
  application,
  applications,
  child,
  type AnyApplication,
  type ApplicationOptions,
} from "../../supervisors/index.ts";
import { startOrder } from "../../supervisors/start-order.ts";
import { Stage } from "./stage.ts";

const part = actor({ init: () => ({}) });
const named = (name: string, options: ApplicationOptions<AnyApplication> = {}): AnyApplication =>
  application(name, part, [], options);

/** What a JavaScript caller gives, where types would have refused it. */
const untyped = (options: object): ApplicationOptions<AnyApplication> => options;

const refusalOf = (given: unknown): unknown => {
  try {
    return startOrder(given).map(({ name }) => name);
  } catch (error) {
    if (!isMotesError(error)) throw error;
    return { code: error.code, details: error.details };
  }
};

describe("start order", () => {
  test("start order: what is needed first, each once, else as given", () => {
    const log = named("log");
    const store = named("store", { needs: [log] });
    const web = named("web", { needs: [store, log] });
    const other = named("other");
    expect(refusalOf([other, web, store])).toEqual(["other", "log", "store", "web"]);
    expect(refusalOf([])).toEqual([]);
  });

  test("start order: a circle is refused, and named", () => {
    const needs: AnyApplication[] = [];
    const a = named("a", { needs });
    const b = named("b", { needs: [a] });
    needs.push(b);
    const before = named("before", { needs: [a] });
    const found = { code: "APPLICATION_CYCLE", details: { cycle: ["a", "b", "a"] } };
    expect(refusalOf([before])).toEqual(found);
    const self: AnyApplication[] = [];
    self.push(named("self", { needs: self }));
    expect(refusalOf(self)).toEqual({ code: "APPLICATION_CYCLE", details: { cycle: ["self", "self"] } });
  });

  test("start order: two with one name are refused, wherever they are; one twice is one", () => {
    const [one, two] = [named("same"), named("same")];
    const twice = { code: "DUPLICATE_APPLICATION", details: { got: "same" } };
    expect(refusalOf([one, one])).toEqual(["same"]);
    expect(refusalOf([one, two])).toMatchObject(twice);
    expect(refusalOf([named("a", { needs: [one] }), named("b", { needs: [two] })])).toMatchObject(twice);
    expect(refusalOf([named("same", { needs: [one] })])).toMatchObject(twice);
  });

  test("start order: bad types, options, needs and names are refused by a code", () => {
    const bad: readonly (readonly [unknown, string])[] = [
      [[named("a", untyped({ type: "forever" }))], "INVALID_START_TYPE"],
      [[named("a", untyped({ neds: [] }))], "UNKNOWN_KEY"],
      [[named("a", untyped({ needs: ["b"] }))], "INVALID_APPLICATION"],
      [[named("a", untyped({ needs: "b" }))], "INVALID_APPLICATION"],
      // A need that a circle of imports has left undefined.
      [[named("a", untyped({ needs: [undefined] }))], "INVALID_APPLICATION"],
      [[named("a", untyped({ shutdown: -1 }))], "INVALID_SHUTDOWN"],
      [[named("")], "INVALID_APPLICATION"],
      [[child(part, [])], "INVALID_APPLICATION"],
      [undefined, "INVALID_APPLICATION"],
    ];
    for (const [given, code] of bad) expect(refusalOf(given)).toMatchObject({ code });
  });

  test("start order: what is refused is a failed start with that code, and nothing has started", () => {
    const stage = new Stage();
    const started: string[] = [];
    const good = application("good", actor({ init: () => started.push("good") }), []);
    const error = stage.failure(stage.self.start(applications([good, named("good")])));
    expect(isMotesError(error, "START_FAILED") && error.details).toMatchObject({
      reason: { type: "crash", code: "DUPLICATE_APPLICATION" },
    });
    expect(started).toEqual([]);
  });

  test("start order: of any graph, each after its needs and once; or a circle that is one", () => {
    const graph = fc
      .integer({ min: 1, max: 8 })
      .chain((size) =>
        fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
      );
    fc.assert(
      fc.property(graph, (edges) => {
        const lists = edges.map((): AnyApplication[] => []);
        const all = lists.map((needs, i) => named(`n${i}`, { needs }));
        for (const [i, needs] of edges.entries())
          for (const need of needs) lists[i]?.push(all[need] as AnyApplication);
        const needsOf = (name: string): readonly string[] =>
          (edges[Number(name.slice(1))] ?? []).map((need) => `n${need}`);
        const result = refusalOf(all);
        if (Array.isArray(result)) {
          const order = result as readonly string[];
          expect(order.toSorted()).toEqual(all.map(({ name }) => name).toSorted());
          for (const name of order)
            for (const need of needsOf(name)) expect(order.indexOf(need)).toBeLessThan(order.indexOf(name));
          return;
        }
        const { cycle } = (result as { details: { cycle: readonly string[] } }).details;
        expect(cycle.length).toBeGreaterThan(1);
        expect(cycle[0]).toBe(cycle.at(-1));
        for (let i = 1; i < cycle.length; i++) expect(needsOf(cycle[i - 1] ?? "")).toContain(cycle[i]);
      }),
      { numRuns: 300 },
    );
  });
});
