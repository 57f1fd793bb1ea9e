/**
 * What is worked out from a stored result: medians with their range, and every pair of ours against a peer.
 */
import type { Goal } from "./bench.ts";
import type { BenchResult, ContenderResult } from "./harness.ts";

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One figure of ours beside one of a peer's; null is what was not measured. `ratio` over 1: ours is better. */
export interface Pair {
  readonly figure: string;
  readonly unit: string;
  readonly group: string;
  readonly oursName: string | null;
  readonly ours: number | null;
  readonly peerName: string;
  readonly peer: number | null;
  readonly ratio: number | null;
  readonly skipped: string | null;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  if (low === undefined || high === undefined)
    throw new Error("no values to summarise: a contender ran no round");
  return { median: (low + high) / 2, min: sorted[0] ?? low, max: sorted.at(-1) ?? high };
}

export function medianOf(contender: ContenderResult, figure: string): number | null {
  const values = contender.values[figure];
  return values === undefined || values.length === 0 ? null : summarise(values).median;
}

/** Every figure of every one of ours against every peer of its group, in the order declared. */
export function pairs(result: BenchResult): Pair[] {
  return result.figures.flatMap(({ name, unit, better }) =>
    result.contenders
      .filter(({ role }) => role === "peer")
      .flatMap((peer) => {
        const rivals = result.contenders.filter(({ role, group }) => role === "ours" && group === peer.group);
        return (rivals.length > 0 ? rivals : [undefined]).map((ours): Pair => {
          const our = ours === undefined ? null : medianOf(ours, name);
          const their = medianOf(peer, name);
          const ratio =
            our === null || their === null ? null : better === "higher" ? our / their : their / our;
          const skipped = ours?.skipped ?? peer.skipped;
          const oursName = ours?.name ?? null;
          return {
            figure: name,
            unit,
            group: peer.group,
            oursName,
            ours: our,
            peerName: peer.name,
            peer: their,
            ratio,
            skipped,
          };
        });
      }),
  );
}

/** Every figure of those of ours in whose group there is no peer. */
export function unrivalled({
  figures,
  contenders,
}: BenchResult): (Omit<Pair, "peerName"> & { peerName: null })[] {
  const alone = contenders.filter(
    ({ role, group }) =>
      role === "ours" && !contenders.some((each) => each.role === "peer" && each.group === group),
  );
  return figures.flatMap(({ name: figure, unit }) =>
    alone.map((ours) => ({
      figure,
      unit,
      group: "",
      oursName: ours.name,
      ours: medianOf(ours, figure),
      peerName: null,
      peer: null,
      ratio: null,
      skipped: ours.skipped,
    })),
  );
}

export interface Verdict {
  readonly goal: Goal;
  /** What was reached: a ratio or our own figure. Null: not measured. */
  readonly reached: number | null;
  readonly met: boolean;
}

export function verdicts(result: BenchResult): Verdict[] {
  const all = pairs(result);
  return result.goals.map((goal) => {
    if ("atMost" in goal) {
      const ours = result.contenders.find(({ name }) => name === goal.ours);
      const reached = ours === undefined ? null : medianOf(ours, goal.figure);
      return { goal, reached, met: reached !== null && reached <= goal.atMost };
    }
    const pair = all.find(
      (each) => each.figure === goal.figure && each.oursName === goal.ours && each.peerName === goal.peer,
    );
    const reached = pair?.ratio ?? null;
    return { goal, reached, met: reached !== null && reached >= goal.atLeastRatio };
  });
}
