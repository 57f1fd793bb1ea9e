/**
 * A result as text for people (an aligned table) or for programs (a line of JSON a figure). Prints nothing itself.
 */
import type { BenchResult, ContenderResult } from "./harness.ts";
import { type Pair, pairs, summarise, unrivalled, type Verdict, verdicts } from "./statistics.ts";

/** The least number of rounds whose median is worth writing down. */
export const LEAST_ROUNDS = 5;

/**
 * One line of JSON for each figure of ours against each peer, or against nobody where there is none; null is what was not measured, and `skipped`
 * says why.
 */
export function jsonLines(result: BenchResult): string[] {
  return [...pairs(result), ...unrivalled(result)].map((pair) => {
    const group = pair.group === "" ? [] : [pair.group];
    const line = {
      bench: result.bench,
      name: [pair.oursName ?? "no contender of ours", pair.figure, ...group].join(", "),
      unit: pair.unit,
      ours: pair.ours,
      peer: pair.peer,
      peerName: pair.peerName,
      ratio: pair.ratio,
    };
    return JSON.stringify(pair.skipped === null ? line : { ...line, skipped: pair.skipped });
  });
}

export interface TableText {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A row a contender: figures as medians with their range, and the checksum all rounds agreed on. */
export function contenderTable(result: BenchResult): TableText {
  const grouped = result.contenders.some(({ group }) => group !== "");
  const head = [
    ...(grouped ? ["group"] : []),
    "contender",
    ...result.figures.flatMap(({ unit }) => [unit, "min - max"]),
    "work",
    "checksum",
  ];
  const rows = result.contenders.map((contender) => [
    ...(grouped ? [contender.group] : []),
    contender.role === "ours" ? `motes: ${contender.name}` : contender.name,
    ...result.figures.flatMap(({ name }) => cells(contender, name)),
    ...(contender.skipped === null ? [contender.count.toLocaleString("en"), contender.check] : ["", ""]),
  ]);
  return { head, rows };
}

/** A row a pair that was measured. */
export function ratioTable(result: BenchResult): TableText {
  const rows = pairs(result)
    .filter(
      (pair): pair is Pair & { readonly oursName: string; readonly ratio: number } => pair.ratio !== null,
    )
    .map(({ group, figure, oursName, peerName, ratio }) => [
      [figure, ...(group === "" ? [] : [group])].join(", "),
      oursName,
      peerName,
      `${significant(ratio)}x`,
    ]);
  return { head: ["figure", "motes", "against", "ratio (over 1: motes is better)"], rows };
}

export function goalLines(result: BenchResult): string[] {
  return verdicts(result).map(goalLine);
}

function goalLine({ goal, reached, met }: Verdict): string {
  const asked =
    "atMost" in goal
      ? `${goal.ours}, ${goal.figure}: at most ${goal.atMost}`
      : `${goal.ours}, ${goal.figure}: at least ${goal.atLeastRatio}x ${goal.peer}`;
  if (reached === null) return `${asked}: not measured`;
  const got = "atMost" in goal ? significant(reached) : `${significant(reached)}x`;
  return `${asked}: ${met ? "met" : "MISSED"} (${got})`;
}

export function methodLine({ rounds, quick }: BenchResult): string {
  const worth = quick || rounds < LEAST_ROUNDS ? "; a quick look, not a measurement" : "";
  return `medians of ${rounds} interleaved rounds, each contender in a fresh process each round${worth}`;
}

export function machineLine({ machine, company, date }: BenchResult): string {
  const others =
    company.othersCores === null ? "" : `, others kept ${company.othersCores.toFixed(2)} cores busy`;
  return (
    `${machine.cpu}, ${machine.cores} cores, ${machine.os}, node ${machine.node}, Erlang ${machine.erlang}; ` +
    `load ${company.loadBefore.toFixed(2)} -> ${company.loadAfter.toFixed(2)}${others}; ${date.slice(0, 16)}Z`
  );
}

/** The whole report of one bench for a terminal. */
export function terminalReport(result: BenchResult): string {
  const ratios = ratioTable(result);
  return [
    `${result.bench}: ${result.about}`,
    "",
    aligned(contenderTable(result)),
    ...(ratios.rows.length > 0 ? ["", aligned(ratios)] : []),
    ...(result.goals.length > 0 ? ["", ...goalLines(result)] : []),
    "",
    methodLine(result),
    machineLine(result),
    "",
  ].join("\n");
}

function cells(contender: ContenderResult, figure: string): [string, string] {
  if (contender.skipped !== null) return [`skipped: ${contender.skipped}`, ""];
  const { median, min, max } = summarise(contender.values[figure] ?? []);
  return [significant(median), `${significant(min)} - ${significant(max)}`];
}

/** Three significant digits, thousands apart: 1,950,000, 19.2, 0.083. */
export function significant(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** Columns as wide as their widest cell, but for a skipped figure, which may run over the cells after it. */
function aligned({ head, rows }: TableText): string {
  const isFigure = (cell: string) => /^[\d.,]+x?$/.test(cell);
  const widths = head.map((_, column) =>
    Math.max(
      ...[head, ...rows]
        .map((row) => row[column] ?? "")
        .map((cell) => (cell.startsWith("skipped") ? 0 : cell.length)),
    ),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        isFigure(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map((row) => `  ${line(row)}`).join("\n");
}
