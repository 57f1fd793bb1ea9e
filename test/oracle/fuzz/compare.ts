import { isDeepStrictEqual } from "node:util";
import type { Case, Entry, OracleEvent, SupSpec } from "../case.ts";
import { Replay } from "../replay.ts";
import type { Otp } from "./otp.ts";
import type { Scenario } from "./scenario.ts";

/** A scenario in which ours and OTP's traces part. */
export interface Difference {
  readonly scenario: Scenario;
  /** The event at which they part. */
  readonly at: number;
  readonly otp: Entry | undefined;
  readonly ours: Entry | undefined;
}

export function differenceOf(recorded: Case): Difference | undefined {
  const ours = traceOf(recorded);
  const at = recorded.trace.findIndex((entry, index) => !isDeepStrictEqual(entry, ours[index]));
  if (at < 0 && ours.length === recorded.trace.length) return undefined;
  return { scenario: recorded, at, otp: recorded.trace[at], ours: ours[at] };
}

function traceOf(recorded: Case): readonly Entry[] {
  try {
    return new Replay(recorded).trace();
  } catch (problem) {
    const nothing = { result: String(problem), effects: [], reports: [], alive: false, children: {} };
    return [{ event: "the replay failed", ...nothing }];
  }
}

/** Scenarios run against OTP in one go. */
const batchSize = 100;

export async function compare(otp: Otp, scenarios: readonly Scenario[]): Promise<readonly Difference[]> {
  const batches: Scenario[][] = [];
  for (let from = 0; from < scenarios.length; from += batchSize)
    batches.push(scenarios.slice(from, from + batchSize));
  const recorded = await Promise.all(batches.map((batch) => otp.record(batch)));
  return recorded.flat().flatMap((each) => differenceOf(each) ?? []);
}

/** Takes away events and children for as long as the traces still part. */
export async function shrink(otp: Otp, difference: Difference): Promise<Difference> {
  for (let smallest = difference; ; ) {
    const [found] = await compare(otp, smallerThan(smallest.scenario));
    if (found === undefined) return smallest;
    smallest = found;
  }
}

function smallerThan({ name, spec, events }: Scenario): readonly Scenario[] {
  const fewerEvents = without(events).map((left): Scenario => ({ name, spec, events: left }));
  const fewerChildren = lighter(spec).map((left): Scenario => ({ name, spec: left, events }));
  return [...fewerEvents, ...fewerChildren].map((each, index) => ({ ...each, name: `${name}_${index}` }));
}

function lighter(spec: SupSpec): readonly SupSpec[] {
  const fewer = without(spec.children).map((children) => ({ ...spec, children }));
  const within = spec.children.flatMap((child, index) =>
    child.sup === undefined
      ? []
      : lighter(child.sup).map((sup) => ({
          ...spec,
          children: spec.children.with(index, { ...child, sup }),
        })),
  );
  // A pool has exactly one template.
  return spec.strategy === "simple_one_for_one" ? within : [...fewer, ...within];
}

const without = <T extends OracleEvent | object>(list: readonly T[]): readonly (readonly T[])[] =>
  list.map((_, index) => list.toSpliced(index, 1));
