import type { Ref } from "motes";
import type { Store } from "../kv/shard.ts";
import type { Entry, Journal } from "./journal.ts";
import type { Failure, Load, Tally } from "./load.ts";
import { shards, storeOf, type Service } from "./service.ts";
import type { Place, Tree } from "./tree.ts";

/** What is broken on purpose, and what must come of it. */
export interface Step {
  readonly title: string;
  /** In the sum at the end. */
  readonly name: string;
  readonly shard: number;
  /** What must come back as another incarnation. */
  readonly path: string;
  /** True if the keys of the shard outlive it. */
  readonly keeps: boolean;
  readonly strike: (service: Service, store: Ref<Store>) => void;
}

/** What a step is played on. */
export interface Stage {
  readonly service: Service;
  readonly tree: Tree;
  readonly load: Load;
  readonly journal: Journal;
  /** By shard; the load leaves them alone. */
  readonly keysOf: readonly (readonly string[])[];
}

/** What happened in a step; times in ms since the blow. */
export interface Observed {
  readonly step: Step;
  readonly startMs: number;
  readonly before: readonly Place[];
  /** Undefined: it did not come back in time. */
  readonly after: readonly Place[] | undefined;
  readonly backMs: number;
  /** The first answer after it was back. */
  readonly servedMs: number;
  readonly served: boolean;
  /** Requests of each shard. */
  readonly tallies: readonly Tally[];
  readonly failures: readonly Failure[];
  /** How many keys of each shard are still what they were. */
  readonly kept: readonly number[];
  readonly log: readonly Entry[];
}

const backLimitMs = 5000;
const requestsLimitMs = 2000;
/** Every shard answers at least so many requests before a step is over. */
export const requestsMin = 100;

/** Strikes while requests go on, and watches until the service is whole again. */
export async function play(stage: Stage, step: Step): Promise<Observed> {
  const { service, tree, load, journal } = stage;
  const before = await tree.look();
  const store = await storeOf(service, step.shard);
  await putKeys(stage);
  journal.take();
  load.take();
  const failuresBefore = load.failures.length;

  const startMs = performance.now();
  step.strike(service, store);
  const back = await tree.untilNew(before, step.path, backLimitMs);
  const backMs = performance.now() - startMs;
  const served = back && (await load.answered([step.shard], 1, requestsLimitMs));
  const servedMs = performance.now() - startMs;
  await load.answered([...Array(shards).keys()], requestsMin, requestsLimitMs);

  const after = back ? await tree.look() : undefined;
  const tallies = load.take();
  const failures = load.failures.slice(failuresBefore);
  const kept = await keptKeys(stage);
  const log = journal.take();
  return { step, startMs, before, after, backMs, servedMs, served, tallies, failures, kept, log };
}

const valueOf = (key: string): string => `the value of ${key}`;

async function putKeys({ load, keysOf }: Stage): Promise<void> {
  for (const key of keysOf.flat()) {
    const { status, body } = await load.ask("PUT", key, valueOf(key));
    if (status !== 204) throw new Error(`PUT ${key}: ${status} ${body}`);
  }
}

async function keptKeys({ load, keysOf }: Stage): Promise<readonly number[]> {
  const kept: number[] = [];
  for (const keys of keysOf) {
    const answers = await Promise.all(
      keys.map(async (key) => (await load.ask("GET", key)).body === valueOf(key)),
    );
    kept.push(answers.filter(Boolean).length);
  }
  return kept;
}
