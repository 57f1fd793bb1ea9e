import type { Call, Cast, Message } from "../../kernel/index.ts";
import { weight, xxh32 } from "./hash.ts";

/** What a key is made from: a plain message, or the operation and its arguments. */
export type Keyed<M> =
  M extends Call<infer Op, infer A, infer _R>
    ? { readonly type: "$call"; readonly op: Op; readonly args: A }
    : M extends Cast<infer Op, infer A>
      ? { readonly type: "$cast"; readonly op: Op; readonly args: A }
      : M;

/**
 * Which VM a message goes to. `least`: the one with the fewest calls unanswered, in turn among equals. With a key: all with one
 * key go to one VM; when the set of VMs changes, only the keys of those that went move, or to those that came.
 */
export type Balance<M> = "least" | { readonly key: (message: Keyed<M>) => string };

interface Candidate {
  readonly place: number;
  readonly outstanding: number;
  readonly congested: boolean;
}

/** Of at least one, not all congested. `turn` changes from choice to choice. */
export function leastLoaded<C extends Candidate>(candidates: readonly C[], turn: number): C | undefined {
  const { length } = candidates;
  let best: C | undefined;
  for (let i = 0; i < length; i++) {
    const candidate = candidates[(turn + i) % length];
    if (candidate === undefined || candidate.congested) continue;
    if (best === undefined || candidate.outstanding < best.outstanding) best = candidate;
  }
  return best;
}

/** The place that this key wants most. */
export function keptBy<C extends Pick<Candidate, "place">>(
  candidates: readonly C[],
  key: string,
): C | undefined {
  const hash = xxh32(key);
  let best: C | undefined;
  let most = -1;
  for (const candidate of candidates) {
    const wanted = weight(hash, candidate.place);
    if (wanted <= most) continue;
    most = wanted;
    best = candidate;
  }
  return best;
}

/** Of what a program gave; a key that throws is the program's fault, and `""` stands for it. */
export type KeyOf = (message: Message) => string;
