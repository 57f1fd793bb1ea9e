import { describe, expect, test, vi } from "vitest";
import { limits } from "../../../kernel/index.ts";
import { Flood } from "../../../src/host/flood.ts";

const flooded = (
  act: (flood: Flood) => void,
): { readonly texts: readonly string[]; readonly drowned: number } => {
  const texts: string[] = [];
  let drowned = 0;
  const flood = new Flood(
    ({ text }) => void texts.push(text),
    () => drowned++,
  );
  act(flood);
  flood.close();
  return { texts, drowned };
};
const line = { level: "info", text: "a line" } as const;

describe("flood", () => {
  test("flood: lines above the limit are counted, and the count is told with the VM's end", () => {
    const { texts, drowned } = flooded((flood) => {
      for (let n = 0; n < limits.logLinesPerSecond + 7; n++) flood.log(line);
    });
    expect(texts.filter((text) => text === "a line")).toHaveLength(limits.logLinesPerSecond);
    expect(texts.slice(-2)).toEqual([expect.stringMatching(/^more than 1000 lines/), "7 lines were dropped"]);
    expect(drowned).toBe(0);
  });

  test("flood: a second later there is room again, and the count is told by then", () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    try {
      const { texts } = flooded((flood) => {
        for (let n = 0; n < limits.logLinesPerSecond + 1; n++) flood.log(line);
        vi.advanceTimersByTime(1000);
        flood.log({ level: "info", text: "later" });
      });
      expect(texts.slice(-2)).toEqual(["1 lines were dropped", "later"]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("flood: ways to VMs that are there are free, others are refused above the limit, and it is said once", () => {
    const { texts } = flooded((flood) => {
      for (let n = 0; n < limits.strayConnectsPerSecond; n++) expect(flood.mayConnect(false)).toBe(true);
      expect([flood.mayConnect(false), flood.mayConnect(false), flood.mayConnect(true)]).toEqual([
        false,
        false,
        true,
      ]);
    });
    expect(texts).toEqual([expect.stringMatching(/^refused: more than 1000 ways/)]);
  });

  test("flood: far above, the VM is given up, once", () => {
    const { drowned } = flooded((flood) => {
      for (let n = 0; n < limits.floodPerSecond + 10; n++) flood.log(line);
    });
    expect(drowned).toBe(1);
  });
});
