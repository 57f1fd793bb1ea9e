import { entryText } from "./journal.ts";
import { bold, counted, dim, fact, green, heading, many, ms, red, say } from "./print.ts";
import { play, requestsMin, type Observed, type Stage, type Step } from "./step.ts";
import { restarted, shardId, type Place } from "./tree.ts";

/** What a step showed, and whether all that was promised came true. */
export interface Verdict {
  readonly observed: Observed;
  readonly ok: boolean;
  readonly othersOk: number;
  readonly othersFailed: number;
}

const logLinesMax = 6;
const textMax = 100;

/** Plays a step and tells of it. */
export async function show(stage: Stage, step: Step): Promise<Verdict> {
  heading(step.title);
  const observed = await play(stage, step);
  const { tallies, backMs, servedMs, kept } = observed;
  const own = tallies[step.shard];
  const others = tallies.filter((_, shard) => shard !== step.shard);
  const othersOk = others.reduce((sum, { ok }) => sum + ok, 0);
  const othersFailed = others.reduce((sum, { failed }) => sum + failed, 0);
  const slowestMs = Math.max(...others.map((tally) => tally.slowestMs));
  const keys = stage.keysOf.map(({ length }) => length);

  sayLog(observed);
  fact("restarted", restartText(observed));
  fact("back after", `${bold(ms(backMs))}, answering again after ${bold(ms(servedMs))}`);
  fact(
    `${shardId(step.shard)}'s`,
    `${counted(own?.ok ?? 0, "request")} ok, ${many(own?.failed ?? 0)} failed`,
  );
  fact(
    "the others'",
    `${counted(othersOk, "request")} ok, ${many(othersFailed)} failed, the slowest took ${ms(slowestMs)}`,
  );
  fact("keys kept", kept.map((count, shard) => `${count} of ${keys[shard]}`).join(", "));

  const ok = checks(observed, keys).map(([what, holds]) => {
    say(`  ${holds ? green("ok") : red("NO")}  ${what}`);
    return holds;
  });
  return { observed, ok: ok.every(Boolean), othersOk, othersFailed };
}

function checks(
  { step, startMs, before, after, served, servedMs, tallies, failures, kept }: Observed,
  keys: readonly number[],
): readonly (readonly [what: string, holds: boolean])[] {
  const { path, shard, keeps } = step;
  const others = tallies.filter((_, index) => index !== shard);
  const inside = (place: Place): boolean => place.path === path || place.path.startsWith(`${path}/`);
  const gone = keys.map((count, index) => (index === shard && !keeps ? 0 : count));
  return [
    [`${path} was restarted and answers again`, served],
    ["nothing else was restarted", restarted(before, after ?? before).every(inside)],
    [
      "requests to the other shards kept succeeding",
      others.every(({ ok, failed }) => ok >= requestsMin && failed === 0),
    ],
    [
      "what failed was for this shard, before it was back",
      failures.every((failure) => failure.shard === shard && failure.atMs <= startMs + servedMs),
    ],
    [
      keeps ? "no key was lost" : `the keys of ${shardId(shard)} went with its VM, and no others`,
      kept.every((count, index) => count === gone[index]),
    ],
  ];
}

/** `shard-2, shard-2/table, shard-2/store (VM 4 -> VM 7); 11 others went on`. */
function restartText({ before, after, step }: Observed): string {
  if (after === undefined) return red("nothing");
  const again = restarted(before, after);
  const [was, is] = [before, after].map((places) => places.find(({ path }) => path === step.path)?.vm);
  const where = was === is ? `in VM ${is}` : `VM ${was} -> VM ${is}`;
  const names = again.map(({ path }) => path).join(", ");
  return `${names} ${dim(`(${where}; ${after.length - again.length} others went on)`)}`;
}

/** What the host's log said meanwhile, with its time since the blow. */
function sayLog({ log, startMs }: Observed): void {
  const lines = log.filter(({ line }) => line.level !== "debug");
  for (const entry of lines.slice(0, logLinesMax)) {
    const text = entryText(entry);
    const short = text.length > textMax ? `${text.slice(0, textMax - 3)}...` : text;
    say(dim(`  ${`+${ms(entry.atMs - startMs)}`.padEnd(14)}${short}`));
  }
  if (lines.length > logLinesMax) say(dim(`  ${"".padEnd(14)}and ${lines.length - logLinesMax} lines more`));
}
