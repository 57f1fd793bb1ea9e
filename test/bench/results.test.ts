/** What is worked out and printed from a stored result, and that the documented tables are those of the results. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { docsPaths, readResults, renderPage } from "./docs.ts";
import type { BenchResult, ContenderResult } from "./harness.ts";
import { contenderTable, goalLines, jsonLines, significant, terminalReport } from "./report.ts";
import { pairs, summarise } from "./statistics.ts";

function contender(name: string, role: "ours" | "peer", speed: number[], memory: number[]): ContenderResult {
  return { name, role, group: "", count: 10, check: "55", skipped: null, values: { speed, memory } };
}

const result: BenchResult = {
  bench: "example",
  about: "an example",
  date: "2026-01-02T03:04:05.000Z",
  rounds: 5,
  quick: false,
  machine: { cpu: "a CPU", cores: 2, os: "linux 6", node: "v20.20.2", erlang: "OTP 25" },
  company: { loadBefore: 0.5, loadAfter: 1, othersCores: 0.25 },
  figures: [
    { name: "speed", unit: "things/s", better: "higher" },
    { name: "memory", unit: "bytes", better: "lower" },
  ],
  goals: [
    { figure: "speed", ours: "actor", peer: "Erlang", atLeastRatio: 6 },
    { figure: "speed", ours: "actor", peer: "Erlang", atLeastRatio: 1.5 },
    { figure: "memory", ours: "actor", atMost: 700 },
    { figure: "speed", ours: "no such actor", peer: "Erlang", atLeastRatio: 1 },
  ],
  contenders: [
    contender("actor", "ours", [30, 10, 20, 900, 1], [600, 600, 500]),
    contender("Erlang", "peer", [10, 10, 10], [2400, 2500, 2400]),
    { ...contender("absent", "peer", [], []), skipped: "absent not found (npm run setup)", values: {} },
  ],
};

describe("bench statistics", () => {
  test("median: the middle value, or the mean of the two in the middle", () => {
    expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(() => summarise([])).toThrow("no values");
  });

  test("ratio: over 1 means ours is better, also where less is better", () => {
    expect(pairs(result).map(({ figure, peerName, ratio }) => [figure, peerName, ratio])).toEqual([
      ["speed", "Erlang", 2],
      ["speed", "absent", null],
      ["memory", "Erlang", 4],
      ["memory", "absent", null],
    ]);
  });

  test("groups: contenders of different groups are not compared", () => {
    const apart = result.contenders.map((each) =>
      each.role === "ours" ? { ...each, group: "other" } : each,
    );
    expect(
      pairs({ ...result, contenders: apart }).every(({ ours, ratio }) => ours === null && ratio === null),
    ).toBe(true);
  });
});

describe("bench report", () => {
  test("json: one line a figure and peer, with the reason where one was skipped", () => {
    expect(jsonLines(result).map((line) => JSON.parse(line))).toEqual([
      {
        bench: "example",
        name: "actor, speed",
        unit: "things/s",
        ours: 20,
        peer: 10,
        peerName: "Erlang",
        ratio: 2,
      },
      {
        bench: "example",
        name: "actor, speed",
        unit: "things/s",
        ours: 20,
        peer: null,
        peerName: "absent",
        ratio: null,
        skipped: "absent not found (npm run setup)",
      },
      {
        bench: "example",
        name: "actor, memory",
        unit: "bytes",
        ours: 600,
        peer: 2400,
        peerName: "Erlang",
        ratio: 4,
      },
      expect.objectContaining({ name: "actor, memory", peer: null }),
    ]);
  });

  test("json: ours without a peer has its lines too", () => {
    const alone = { ...result, contenders: result.contenders.filter(({ role }) => role === "ours") };
    expect(jsonLines(alone).map((line) => JSON.parse(line))).toContainEqual({
      bench: "example",
      name: "actor, speed",
      unit: "things/s",
      ours: 20,
      peer: null,
      peerName: null,
      ratio: null,
    });
  });

  test("goals: met, missed and not measured are told apart", () => {
    expect(goalLines(result)).toEqual([
      "actor, speed: at least 6x Erlang: MISSED (2x)",
      "actor, speed: at least 1.5x Erlang: met (2x)",
      "actor, memory: at most 700: met (600)",
      "no such actor, speed: at least 1x Erlang: not measured",
    ]);
  });

  test("table: a skipped contender says why and keeps its row", () => {
    expect(contenderTable(result).rows.at(-1)?.join(" ")).toContain(
      "skipped: absent not found (npm run setup)",
    );
    expect(terminalReport(result)).toContain("others kept 0.25 cores busy");
    expect(terminalReport({ ...result, rounds: 1 })).toContain("a quick look, not a measurement");
  });

  test("figures: three significant digits", () => {
    expect([1_946_123, 19.23, 0.0834, 600].map(significant)).toEqual(["1,950,000", "19.2", "0.0834", "600"]);
  });
});

describe("docs/benchmarks.md", () => {
  test("tables: are the ones the stored results render to (npm run bench -- --write-docs)", () => {
    const paths = docsPaths(new URL("../../", import.meta.url));
    const page = readFileSync(paths.page, "utf8");
    expect(page).toBe(renderPage(page, readResults(paths)));
  });

  test("tables: a page without its markers is refused", () => {
    expect(() => renderPage("# Benchmarks\n", [])).toThrow("must hold the lines");
  });
});
