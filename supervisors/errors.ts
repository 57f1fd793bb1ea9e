import { defineErrors, type MakeError } from "../kernel/index.ts";

/**
 * What a supervisor refuses, under OTP's words. A bad spec is found before anything starts: the supervisor fails to start and
 * the reason carries the code; `startChild` answers it as a value.
 */
export interface Refused {
  /** Where: `children.counter.restart`. */
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

const text = (d: Refused): string => `${d.what}: expected ${d.expected}, got ${d.got}.`;

const table = {
  INVALID_STRATEGY: text,
  INVALID_INTENSITY: text,
  INVALID_PERIOD: text,
  INVALID_AUTO_SHUTDOWN: text,
  INVALID_BACKOFF: text,
  INVALID_CHILD_SPEC: text,
  INVALID_RESTART_TYPE: text,
  INVALID_SHUTDOWN: text,
  INVALID_SIGNIFICANT: text,
  BAD_COMBINATION: text,
  UNKNOWN_KEY: text,
  DUPLICATE_CHILD_NAME: (d: Refused) =>
    `${d.what}: every child needs an id of its own, and ${d.got} is there twice.`,
  NO_SIBLING: (d: { what: string }) =>
    `${d.what} was asked for a spec that is not (or twice) among its children. Give refOf() the very value that child() or vm() returned, used for one child only.`,
};

export type SpecErrorCode = Exclude<keyof typeof table, "NO_SIBLING">;

export const supervisorError: MakeError<typeof table> = defineErrors(table);
