import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { availableParallelism, loadavg } from "node:os";
import { promisify } from "node:util";
import { bundle, createHost } from "motes";
import type { Played } from "../ping-pong/players.ts";
import type courtApp from "./court.ts";
import { bold, dim, fact, many, say } from "./print.ts";

const run = promisify(execFile);
const roundsMax = 3;
/** No new round after so long: on a busy machine everything takes its time. */
const budgetMs = 5000;
const gameMs = 300;
const limitMs = 4000;

const courts = [
  { where: "together", title: "in one VM", schedulers: "1:1", erlang: "on one scheduler" },
  { where: "apart", title: "between two", schedulers: "2:2", erlang: "on a scheduler each" },
] as const;

type Where = (typeof courts)[number]["where"];
type Rates = Record<Where, number[]>;

/** Ping-pong in motes and in Erlang in turns, a short game each; what is told is the median. For figures: `npm run bench`. */
export async function race(): Promise<void> {
  const host = createHost({ log: { line: () => {} } });
  const ours: Rates = { together: [], apart: [] };
  const erlangs: Rates = { together: [], apart: [] };
  const startMs = performance.now();
  let rounds = 0;
  let skipped: string | undefined;
  try {
    const program = fileURLToPath(new URL("court.js", import.meta.url));
    const { root } = await host.boot(await bundle<typeof courtApp>(program), { name: "court" });
    for (; rounds < roundsMax && performance.now() - startMs < budgetMs; rounds++) {
      for (const { where, schedulers } of courts) {
        ours[where].push(rateOf(await host.self.callWithin(limitMs, root, where, gameMs)));
        if (skipped !== undefined) continue;
        const game = await erlang(where, schedulers);
        if (typeof game === "string") skipped = game;
        else erlangs[where].push(rateOf(game));
      }
    }
  } finally {
    await host.stop();
  }
  for (const { where, title, erlang: how } of courts) {
    const [mine, theirs] = [median(ours[where]), median(erlangs[where])];
    const beside =
      skipped === undefined
        ? `${bold(`${(mine / theirs).toFixed(1)}x`)} Erlang's ${many(theirs)} ${how}`
        : dim(`Erlang ${skipped}`);
    fact(title, `${many(mine).padStart(11)} round trips a second   ${beside}`);
  }
  say(dim(`  medians of ${rounds} games of ${gameMs} ms, in turns; npm run bench measures with care`));
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  if (load > cores + 1)
    say(
      dim(
        `  the machine is busy (load ${load.toFixed(1)} on ${cores} cores): two that run at once wait for a core`,
      ),
    );
}

/** The same game in Erlang with its default flags; a string says why not. */
async function erlang(where: Where, schedulers: string): Promise<Played | string> {
  const script = fileURLToPath(new URL("../../../examples/ping-pong/ping-pong.escript", import.meta.url));
  const env = { ...process.env, ERL_FLAGS: `+S ${schedulers}`, ERL_AFLAGS: "", ERL_ZFLAGS: "" };
  try {
    const { stdout } = await run("escript", [script, where, String(gameMs)], { env, timeout: limitMs });
    const [count = 0, elapsedUs = 0] = stdout.trim().split(" ").map(Number);
    return { rounds: count, elapsedMs: elapsedUs / 1000 };
  } catch (problem) {
    const { code, killed, message } = problem as NodeJS.ErrnoException & { readonly killed?: boolean };
    if (code === "ENOENT") return "skipped: erl not found (npm run setup)";
    return killed === true ? `skipped: no answer within ${limitMs} ms` : `skipped: ${message}`;
  }
}

const rateOf = ({ rounds: count, elapsedMs }: Played): number => (count / elapsedMs) * 1000;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
