/**
 * `npm run bench -- [<name>...] [--json] [--runs N] [--quick] [--only NAME]... [--write-docs]`: reads the command line, runs the named
 * benches one after another, prints their reports. Without a name it lists the benches. Standard output holds the
 * reports only; progress goes to standard error, and only to a terminal.
 */
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import { benches, groups } from "./catalogue.ts";
import { docsPaths, storeResults, writePage } from "./docs.ts";
import { type BenchResult, runBench } from "./harness.ts";
import { jsonLines, LEAST_ROUNDS, terminalReport } from "./report.ts";

const USAGE = `npm run bench -- <name>... [--json] [--runs N] [--quick] [--only NAME]... [--write-docs]

  --json        one line of JSON a figure: {"bench","name","unit","ours","peer","peerName","ratio"}; ratio > 1: ours is better
  --runs N      rounds (default ${LEAST_ROUNDS}; with --quick 1)
  --quick       a twentieth of the work: shows that the bench runs, measures nothing
  --only NAME   this contender only; may be given again
  --write-docs  store the results and make the tables of docs/benchmarks.md anew; without a name: only the tables

benches:
${benches.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join("\n")}

several at once:
${Object.entries(groups)
  .map(([name, members]) => `  ${name.padEnd(16)} ${name === "all" ? "all of them" : members.join(", ")}`)
  .join("\n")}
`;

class UsageError extends Error {}

/** This file runs from dist/test/bench. */
const paths = docsPaths(new URL("../../../", import.meta.url));

function readCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        runs: { type: "string" },
        quick: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        "write-docs": { type: "boolean", default: false },
      },
    });
    const rounds = Number(values.runs ?? (values.quick ? 1 : LEAST_ROUNDS));
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new Error(`--runs must be a whole number from 1, got ${values.runs}`);
    const writeDocs = values["write-docs"];
    if (writeDocs && (values.quick || rounds < LEAST_ROUNDS || values.only.length > 0)) {
      throw new Error(`--write-docs needs a full run of ${LEAST_ROUNDS} rounds or more`);
    }
    const names = positionals.flatMap((name) => (Object.hasOwn(groups, name) ? groups[name] : [name]) ?? []);
    const chosen = [...new Set(names)].map(benchNamed).map((bench) => narrowed(bench, values.only));
    return { json: values.json, quick: values.quick, writeDocs, rounds, chosen };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function benchNamed(name: string) {
  const bench = benches.find((each) => each.name === name);
  if (bench === undefined) throw new Error(`there is no bench named "${name}"`);
  return bench;
}

function narrowed(bench: Bench, only: readonly string[]): Bench {
  if (only.length === 0) return bench;
  return { ...bench, goals: [], contenders: bench.contenders.filter(({ name }) => only.includes(name)) };
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

async function main(): Promise<void> {
  const { json, quick, writeDocs, rounds, chosen } = readCommandLine();
  if (chosen.length === 0 && !writeDocs) return void process.stdout.write(USAGE);
  const results: BenchResult[] = [];
  for (const bench of chosen) {
    const result = await runBench(bench, {
      rounds,
      quick,
      onProgress: (text) => showProgress(`${bench.name}, ${text}`),
    });
    showProgress("");
    process.stdout.write(
      json
        ? jsonLines(result)
            .map((line) => `${line}\n`)
            .join("")
        : `${terminalReport(result)}\n`,
    );
    results.push(result);
  }
  if (!writeDocs) return;
  storeResults(
    paths,
    results,
    benches.map(({ name }) => name),
  );
  writePage(paths);
}

try {
  await main();
} catch (error) {
  showProgress("");
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UsageError ? `bench: ${message}\n\n${USAGE}` : `bench: ${message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
