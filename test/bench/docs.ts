/**
 * The tables of docs/benchmarks.md: rendered from the stored results, one line of JSON a bench, and from nothing else.
 *
 * Owns the text between the two markers of that page and never touches the rest of it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "./harness.ts";
import {
  contenderTable,
  goalLines,
  LEAST_ROUNDS,
  machineLine,
  methodLine,
  ratioTable,
  type TableText,
} from "./report.ts";

const BEGIN = "<!-- results: made by `npm run bench -- --write-docs`; do not edit -->";
const END = "<!-- end of results -->";

/** Where the results and the page are kept, found from the package's folder. */
export interface DocsPaths {
  readonly results: string;
  readonly page: string;
}

/** `packageUrl` is the folder that holds package.json. */
export function docsPaths(packageUrl: URL): DocsPaths {
  return {
    results: fileURLToPath(new URL("test/bench/results.jsonl", packageUrl)),
    page: fileURLToPath(new URL("docs/benchmarks.md", packageUrl)),
  };
}

export function readResults({ results }: DocsPaths): BenchResult[] {
  try {
    const lines = readFileSync(results, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as BenchResult);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Puts new results in the place of older ones of the same bench; `order` is the order of all bench names. */
export function storeResults(
  paths: DocsPaths,
  fresh: readonly BenchResult[],
  order: readonly string[],
): void {
  for (const { bench, quick, rounds } of fresh) {
    if (quick || rounds < LEAST_ROUNDS) {
      throw new Error(`${bench}: only full runs of ${LEAST_ROUNDS} rounds or more are written down`);
    }
  }
  const all = new Map([...readResults(paths), ...fresh].map((result) => [result.bench, result]));
  const kept = order.flatMap((name) => all.get(name) ?? []);
  writeFileSync(paths.results, kept.map((result) => `${JSON.stringify(result)}\n`).join(""));
}

/** The page with its tables made anew; throws if it has lost its markers. */
export function renderPage(page: string, results: readonly BenchResult[]): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/benchmarks.md must hold the lines ${BEGIN} and ${END}`);
  const tables = results.map(section).join("\n");
  return `${page.slice(0, begin)}${BEGIN}\n\n${tables}\n${page.slice(end)}`;
}

export function writePage(paths: DocsPaths): void {
  writeFileSync(paths.page, renderPage(readFileSync(paths.page, "utf8"), readResults(paths)));
}

function section(result: BenchResult): string {
  const ratios = ratioTable(result);
  const goals = goalLines(result);
  return [
    `### ${result.bench}: ${result.about}`,
    "",
    `\`npm run bench -- ${result.bench}\`: ${methodLine(result)}.`,
    "",
    markdown(contenderTable(result)),
    ...(ratios.rows.length > 0 ? ["", markdown(ratios)] : []),
    ...(goals.length > 0 ? ["", ...goals.map((line) => `- ${line}`)] : []),
    "",
    `${machineLine(result)}.`,
    "",
  ].join("\n");
}

function markdown({ head, rows }: TableText): string {
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
