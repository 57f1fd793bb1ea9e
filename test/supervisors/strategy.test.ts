import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shutdown } from "../../kernel/index.ts";
import type { Restart, Strategy } from "../../supervisors/index.ts";
import { planRestart, stoppedAsAsked, verdictOf } from "../../supervisors/strategy.ts";

const restarts = fc.constantFrom<Restart>("permanent", "transient", "temporary");
const children = fc
  .array(restarts, { minLength: 1, maxLength: 8 })
  .map((all) => all.map((restart, id) => ({ id, restart })));
const named = (ids: string): readonly { readonly id: string; readonly restart: Restart }[] =>
  [...ids].map((id) => ({ id, restart: id === "t" ? "temporary" : "permanent" }));
const planOf = (strategy: Strategy, ids: string, index: number): string => {
  const { stop, start } = planRestart(strategy, named(ids), index);
  return `${stop.map(({ id }) => id).join("")}>${start.map(({ id }) => id).join("")}`;
};

describe("strategy", () => {
  test("strategy: who goes down and comes up with one that died", () => {
    expect(planOf("one_for_one", "abc", 1)).toBe("b>b");
    expect(planOf("rest_for_one", "abc", 1)).toBe("cb>bc");
    expect(planOf("one_for_all", "abc", 1)).toBe("cba>abc");
    expect(planOf("one_for_all", "atc", 0)).toBe("cta>ac");
  });

  test("strategy: starts in order what is not temporary, after stopping the same in reverse", () => {
    const strategies = fc.constantFrom<Strategy>("one_for_one", "rest_for_one", "one_for_all");
    fc.assert(
      fc.property(strategies, children, fc.nat(), (strategy, all, seed) => {
        const index = seed % all.length;
        const { stop, start } = planRestart(strategy, all, index);
        expect(stop).toContain(all[index]);
        expect(stop.map(({ id }) => id)).toEqual(stop.map(({ id }) => id).toSorted((a, b) => b - a));
        expect(start).toEqual(stop.toReversed().filter(({ restart }) => restart !== "temporary"));
      }),
    );
  });

  test("strategy: what an end means", () => {
    const told = { report: true };
    expect(verdictOf("permanent", "normal")).toEqual({ ...told, restart: true });
    expect(verdictOf("transient", shutdown("bye"))).toEqual({ report: false, restart: false });
    expect(verdictOf("transient", "killed")).toEqual({ ...told, restart: true });
    expect(verdictOf("transient", "noproc")).toEqual({ ...told, restart: true });
    expect(verdictOf("temporary", "boom")).toEqual({ ...told, restart: false });
    expect(verdictOf("temporary", "normal")).toEqual({ report: false, restart: false });
  });

  test("strategy: an orderly end while being stopped is a fault in a permanent child only", () => {
    expect(stoppedAsAsked("permanent", false, "shutdown")).toBe(true);
    expect(stoppedAsAsked("permanent", false, "normal")).toBe(false);
    expect(stoppedAsAsked("transient", false, "normal")).toBe(true);
    expect(stoppedAsAsked("transient", false, "killed")).toBe(false);
    expect(stoppedAsAsked("permanent", true, "killed")).toBe(true);
    expect(stoppedAsAsked("permanent", true, "shutdown")).toBe(false);
  });
});
