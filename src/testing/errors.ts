import { defineErrors, type MakeError } from "../../kernel/index.ts";

/** What a simulation fails with: code to text. Each ends with how to repeat it. */
const table = {
  SIM_INVARIANT: (d: Failure & { invariant: string; detail: string }) =>
    `invariant "${d.invariant}" does not hold: ${d.detail}${repeatText(d)}`,
  SIM_CRASH: (d: Failure & { actor: string; reason: string }) =>
    `${d.actor} crashed, and nothing that the simulation did explains it: ${d.reason}. If that is meant to happen, say so with crashes.${repeatText(d)}`,
  SIM_START_FAILED: (d: Failure & { reason: string }) =>
    `the program did not start: ${d.reason}${repeatText(d)}`,
  SIM_STEP_FAILED: (d: Failure & { atMs: number; problem: string }) =>
    `the step at ${d.atMs} ms failed: ${d.problem}${repeatText(d)}`,
  SIM_ENDLESS: (d: Failure & { eventsMax: number }) =>
    `${d.eventsMax} events were not enough to reach the end. Does something go round without pause? Else give it more with eventsMax.${repeatText(d)}`,
  SIM_BROKEN: (d: Failure & { problem: string }) =>
    `the machinery itself failed: ${d.problem}${repeatText(d)}`,
  SIM_OPTION: (d: { what: string; expected: string; got: string }) =>
    `simulate({ ${d.what} }): expected ${d.expected}, got ${d.got}.`,
};

/** What every failure carries. */
export interface Failure {
  readonly seed: number;
  /** Virtual time. */
  readonly nowMs: number;
  /** The last lines of the trace. */
  readonly tail: readonly string[];
  /** One line that repeats it. */
  readonly repeat: string;
}

export const simError: MakeError<typeof table> = defineErrors(table);

const repeatText = ({ seed, nowMs, tail, repeat }: Failure): string =>
  `\n  at ${nowMs.toFixed(3)} ms of seed ${seed}; repeat it: ${repeat}\n${tail.map((line) => `    ${line}`).join("\n")}`;
