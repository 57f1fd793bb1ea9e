import { defineErrors, reasonText, type ExitReason, type MakeError } from "../kernel/index.ts";

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

interface At {
  readonly service: string;
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
  INVALID_APPLICATION: text,
  INVALID_START_TYPE: text,
  DUPLICATE_APPLICATION: text,
  APPLICATION_CYCLE: (d: { readonly cycle: readonly string[] }) =>
    `Applications that need each other cannot be started: ${d.cycle.join(" needs ")}. Take one need out, or put what both need into a third.`,
  APPLICATION_TERMINATED: (d: {
    readonly name: string;
    readonly type: string;
    readonly reason: ExitReason;
  }) =>
    `The ${d.type} application ${d.name} ended (${reasonText(d.reason)}), so all others were stopped. Make it temporary if they can do without it.`,
  INVALID_SERVICE: text,
  SERVICE_QUEUE_FULL: (d: { readonly service: string; readonly queueMax: number }) =>
    `${d.service}: ${d.queueMax} messages wait for a VM, and no more calls may. Call again later, or give it a larger queueMax.`,
  SERVICE_DOWN: (d: { readonly service: string; readonly reason: ExitReason }) =>
    `${d.service} has no VM: ${reasonText(d.reason)}. It goes on trying; call again later.`,
  SERVICE_UNWELL: (d: { readonly service: string; readonly timeoutMs: number; readonly why: string }) =>
    `${d.service}: a new VM did not say that it is well within ${d.timeoutMs} ms, the last was "${d.why}". See its health().`,
  REPLACE_BUSY: (d: At) => `${d.service} is being replaced already: wait for the report of that.`,
  REPLACE_NOT_READY: (d: At & { readonly reason: ExitReason }) =>
    `${d.service} goes on as it was: the new VM did not get ready (${reasonText(d.reason)}).`,
  REPLACE_INCOMPATIBLE: (d: At & { readonly missing: readonly string[] }) =>
    `${d.service} goes on as it was: the new program lacks ${d.missing.join(", ")}, which the present one has. Add it, or replace with force.`,
  REPLACE_TIMEOUT: (d: At & { readonly step: string; readonly timeoutMs: number }) =>
    `${d.service} goes on as it was: "${d.step}" took longer than ${d.timeoutMs} ms. Give it more time in the options of the service.`,
  REPLACE_FAILED: (d: At & { readonly step: string; readonly reason: ExitReason }) =>
    `${d.service} goes on as it was: "${d.step}" failed (${reasonText(d.reason)}).`,
  REPLACE_LOST: (d: At & { readonly step: string; readonly reason: ExitReason }) =>
    `${d.service} was not replaced: a VM died at "${d.step}" (${reasonText(d.reason)}).`,
  REPLACE_ROLLED_BACK: (d: At & { readonly failures: number; readonly failuresMax: number }) =>
    `${d.service} is as it was: its new VMs had ${d.failures} failed calls and deaths, and ${d.failuresMax} were allowed.`,
  NO_SIBLING: (d: { what: string }) =>
    `${d.what} was asked for a spec that is not (or twice) among its children. Give refOf() the very value that child() or vm() returned, used for one child only.`,
};

/** Those of an application are about the whole list, and are never answered by `startChild`. */
type Other =
  | "INVALID_APPLICATION"
  | "INVALID_START_TYPE"
  | "DUPLICATE_APPLICATION"
  | "APPLICATION_CYCLE"
  | "APPLICATION_TERMINATED"
  | "INVALID_SERVICE"
  | "SERVICE_QUEUE_FULL"
  | "SERVICE_DOWN"
  | "SERVICE_UNWELL"
  | ReplaceErrorCode
  | "NO_SIBLING";

export type ReplaceErrorCode =
  | "REPLACE_BUSY"
  | "REPLACE_NOT_READY"
  | "REPLACE_INCOMPATIBLE"
  | "REPLACE_TIMEOUT"
  | "REPLACE_FAILED"
  | "REPLACE_LOST"
  | "REPLACE_ROLLED_BACK";

export type SpecErrorCode = Exclude<keyof typeof table, Other>;

/** Those whose details are a `Refused`. */
export type RefusedCode =
  | SpecErrorCode
  | "INVALID_APPLICATION"
  | "INVALID_START_TYPE"
  | "DUPLICATE_APPLICATION"
  | "INVALID_SERVICE";

export const supervisorError: MakeError<typeof table> = defineErrors(table);
