import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { dim, many, say } from "./print.ts";

const run = promisify(execFile);
const limitMs = 10_000;

/** One figure of the benches, as `--json` prints it. */
interface Figure {
  readonly ours: number | null;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly skipped?: string;
}

const rows = [
  { bench: "pingpong-local", ours: "actor, sync handlers", peer: "Erlang, 1 scheduler", title: "in one VM" },
  {
    bench: "pingpong-vm",
    ours: "motes VMs",
    peer: "Erlang, 2 schedulers, processes apart",
    title: "between two",
  },
] as const;

/** The ping-pong figures, ours beside Erlang's: one round of the benches. `npm run bench` takes the medians. */
export async function race(): Promise<void> {
  const program = fileURLToPath(new URL("../../test/bench/main.js", import.meta.url));
  for (const { bench, ours, peer, title } of rows) {
    const figure = await figureOf([program, bench, "--json", "--runs", "1", "--only", ours, "--only", peer]);
    if (figure?.ours == null) say(`  ${title.padEnd(14)}${dim("no figure: the machine was too busy")}`);
    else {
      const mine = `${many(figure.ours)} round trips/s`;
      const other =
        figure.peer === null || figure.ratio === null
          ? dim(`Erlang: skipped: ${figure.skipped ?? "erl not found (npm run setup)"}`)
          : `${figure.ratio.toFixed(1)}x Erlang's ${many(figure.peer)}`;
      say(`  ${title.padEnd(14)}${mine.padEnd(30)}${other}`);
    }
  }
  say(dim("  (one round each; npm run bench takes the medians)"));
}

async function figureOf(args: readonly string[]): Promise<Figure | undefined> {
  try {
    const { stdout } = await run(process.execPath, args, { timeout: limitMs });
    const [line = "{}"] = stdout.split("\n");
    return JSON.parse(line) as Figure;
  } catch {
    return undefined;
  }
}
