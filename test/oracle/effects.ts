/**
 * What happened, in causal order, and the two groups of exits that have no order in OTP and were put in a fixed one when the
 * cases were recorded.
 */
export interface Effect {
  readonly kind: "init" | "start" | "exit";
  readonly id: string;
  readonly attempt: number;
  /** Of an exit: filled in when the actor has died, which is after those that die with it. */
  text: string;
}

export interface Orders {
  /** The supervisor of each worker. */
  readonly supOf: ReadonlyMap<string, string>;
  readonly strategyOf: ReadonlyMap<string, string>;
  /** Those that an event struck, as `id#n`. */
  readonly hits: ReadonlySet<string>;
}

export const labelOf = (id: string, attempt: number): string => `${id}#${attempt}`;

export function textOf({ kind, id, attempt, text }: Effect): string {
  return kind === "init" ? `init ${labelOf(id, attempt)}` : `${kind} ${labelOf(id, attempt)} ${text}`;
}

export function ordered(effects: readonly Effect[], orders: Orders): readonly Effect[] {
  return sortedRuns(orphansAfterTheirSup(effects, orders), effects, orders);
}

/** Children that die because their supervisor was killed stand, sorted, right behind it. */
function orphansAfterTheirSup(effects: readonly Effect[], orders: Orders): readonly Effect[] {
  const [first, ...rest] = effects;
  if (first === undefined) return [];
  if (first.kind !== "exit") return [first, ...orphansAfterTheirSup(rest, orders)];
  const startedLater = new Set(rest.filter(({ kind }) => kind === "start").map(nameOf));
  const isOrphan = (effect: Effect): boolean =>
    effect.kind === "exit" && orders.supOf.get(effect.id) === first.id && !startedLater.has(nameOf(effect));
  const orphans = rest.filter(isOrphan).toSorted(byId);
  const others = rest.filter((effect) => !isOrphan(effect));
  return [first, ...orphans, ...orphansAfterTheirSup(others, orders)];
}

/** Children of a stopping simple_one_for_one supervisor end in parallel: each run of them is sorted. */
function sortedRuns(effects: readonly Effect[], all: readonly Effect[], orders: Orders): readonly Effect[] {
  const exited = new Set(all.filter(({ kind }) => kind === "exit").map(({ id }) => id));
  const groupOf = (effect: Effect): string | undefined => {
    const sup = orders.supOf.get(effect.id);
    if (effect.kind !== "exit" || sup === undefined || !exited.has(sup) || orders.hits.has(nameOf(effect)))
      return undefined;
    return orders.strategyOf.get(sup) === "simple_one_for_one" ? sup : undefined;
  };
  const runs: { readonly group: string | undefined; readonly run: Effect[] }[] = [];
  for (const effect of effects) {
    const group = groupOf(effect);
    const before = runs.at(-1);
    if (group !== undefined && before?.group === group) before.run.push(effect);
    else runs.push({ group, run: [effect] });
  }
  return runs.flatMap(({ run }) => run.toSorted(byId));
}

const nameOf = ({ id, attempt }: Effect): string => labelOf(id, attempt);
const byId = (a: Effect, b: Effect): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.attempt - b.attempt);
