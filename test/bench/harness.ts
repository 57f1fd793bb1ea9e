/**
 * Runs a bench: interleaved rounds (A B C A B C ...), every contender in a fresh process each time.
 *
 * A sample counts only if the contender did exactly the work asked for and its checksum is the bench's own. Says
 * nothing to the user; `report.ts` does.
 */
import type { Bench, Command, Contender, Goal, Sample } from "./bench.ts";
import { type Company, describeMachine, type Machine, watchCompany } from "./machine.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

const QUICK_SHARE = 20;

export interface ContenderResult {
  readonly name: string;
  readonly role: "ours" | "peer";
  readonly group: string;
  readonly count: number;
  readonly check: string;
  /** Why it did not run, else null. */
  readonly skipped: string | null;
  /** Figure name -> its value in each round; empty when skipped. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** All that is kept of a run, as plain JSON: tables and ratios are worked out from it. */
export interface BenchResult {
  readonly bench: string;
  readonly about: string;
  readonly date: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly company: Company;
  readonly figures: readonly {
    readonly name: string;
    readonly unit: string;
    readonly better: "higher" | "lower";
  }[];
  readonly goals: readonly Goal[];
  readonly contenders: readonly ContenderResult[];
}

export interface RunOptions {
  readonly rounds: number;
  readonly quick: boolean;
  readonly onProgress?: (text: string) => void;
}

export async function runBench(bench: Bench, options: RunOptions): Promise<BenchResult> {
  const machine = await describeMachine();
  const workspace = openWorkspace();
  try {
    const lanes: Lane[] = [];
    for (const each of bench.contenders) lanes.push(await prepare(bench, each, options, workspace));
    const companyNow = watchCompany();
    for (let round = 1; round <= options.rounds; round++) {
      for (const lane of lanes) {
        if (lane.command === undefined) continue;
        options.onProgress?.(`round ${round} of ${options.rounds}: ${lane.contender.name}`);
        lane.samples.push(await takeSample(lane, lane.command, workspace));
      }
    }
    return {
      bench: bench.name,
      about: bench.about,
      date: new Date().toISOString(),
      rounds: options.rounds,
      quick: options.quick,
      machine,
      company: companyNow(),
      figures: bench.figures.map(({ name, unit, better }) => ({ name, unit, better })),
      goals: bench.goals ?? [],
      contenders: lanes.map((lane) => resultOf(bench, lane)),
    };
  } finally {
    workspace.close();
  }
}

interface Lane {
  readonly contender: Contender;
  readonly count: number;
  readonly check: string;
  readonly command: Command | undefined;
  readonly skipped: string | null;
  readonly samples: Sample[];
}

async function prepare(
  bench: Bench,
  contender: Contender,
  options: RunOptions,
  workspace: Workspace,
): Promise<Lane> {
  const count = options.quick ? Math.ceil(contender.count / QUICK_SHARE) : contender.count;
  const ready = await contender.program.prepare(workspace.directory);
  const [command, skipped] = "skipped" in ready ? [undefined, ready.skipped] : [ready, null];
  return {
    contender,
    count,
    check: bench.check(count, contender.group ?? ""),
    command,
    skipped,
    samples: [],
  };
}

async function takeSample(lane: Lane, command: Command, workspace: Workspace): Promise<Sample> {
  const stdout = await workspace.run(command, lane.count);
  const sample = parseSample(stdout.trimEnd().split("\n").at(-1) ?? "");
  if (sample === undefined) {
    throw new Error(
      `${lane.contender.name}: the last line printed must be a sample in JSON, got:\n${stdout}`,
    );
  }
  if (sample.work !== lane.count || sample.check !== lane.check) {
    throw new Error(
      `${lane.contender.name}: asked for ${lane.count} units of work with checksum ${lane.check}, ` +
        `got ${sample.work} with ${sample.check}`,
    );
  }
  return sample;
}

function parseSample(line: string): Sample | undefined {
  try {
    const value = JSON.parse(line) as Partial<Sample> | null;
    const sound =
      typeof value?.work === "number" && typeof value.check === "string" && Number(value.elapsedNs) > 0;
    return sound ? (value as Sample) : undefined;
  } catch {
    return undefined;
  }
}

function resultOf(bench: Bench, { contender, count, check, skipped, samples }: Lane): ContenderResult {
  const values = Object.fromEntries(
    skipped === null ? bench.figures.map((figure) => [figure.name, samples.map(figure.of)]) : [],
  );
  return {
    name: contender.name,
    role: contender.role,
    group: contender.group ?? "",
    count,
    check,
    skipped,
    values,
  };
}
