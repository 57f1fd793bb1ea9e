/**
 * Why an actor ended. Plain data: it crosses VMs by copy.
 *
 * Semantics: OTP "Processes / Error Handling" (links and exit signals).
 */

/** An orderly end with something to say; like `"shutdown"`, supervisors do not take it for a failure. */
export interface Shutdown {
  readonly type: "shutdown";
  readonly detail: unknown;
}

/** A thrown error, a rejected promise, or anything else that ended an actor against its will. */
export interface Crash {
  readonly type: "crash";
  /** The error's class name, or `"thrown"` for a thrown value that is no Error. */
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/**
 * `"normal"`, `"shutdown"`, `"kill"` (untrappable when sent), `"killed"` (what a kill victim's links see), `"noproc"`,
 * `"noconnection"`, any other word a program chooses, a {@link Shutdown} or a {@link Crash}.
 */
export type ExitReason = string | Shutdown | Crash;

export const shutdown = (detail: unknown): Shutdown => ({ type: "shutdown", detail });

/** What a thrown value is as an exit reason. A thrown exit reason (`exit()` in OTP) passes unchanged. */
export function crashOf(thrown: unknown): Crash {
  if (thrown instanceof Error) {
    const { name, message, stack } = thrown;
    const code = (thrown as { readonly code?: unknown }).code;
    return {
      type: "crash",
      name,
      message,
      ...(typeof code === "string" ? { code } : {}),
      ...(stack === undefined ? {} : { stack }),
    };
  }
  return { type: "crash", name: "thrown", message: String(thrown) };
}

/** `normal`, `shutdown` and `{shutdown, _}`: ends that restart no transient child and print no crash report. */
export function isOrderly(reason: ExitReason): boolean {
  return (
    reason === "normal" || reason === "shutdown" || (typeof reason === "object" && reason.type === "shutdown")
  );
}

/** Of a value that came from outside. */
export function isReason(value: unknown): value is ExitReason {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  if (value.type === "shutdown") return "detail" in value;
  if (value.type !== "crash" || !("name" in value) || !("message" in value)) return false;
  const { name, message, code, stack } = value as Partial<Record<string, unknown>>;
  return typeof name === "string" && typeof message === "string" && isText(code) && isText(stack);
}

const isText = (value: unknown): boolean => value === undefined || typeof value === "string";

/** One line for logs and error texts, without the stack. */
export function reasonText(reason: ExitReason): string {
  if (typeof reason === "string") return reason;
  if (reason.type === "shutdown") return `shutdown: ${textOf(reason.detail)}`;
  return reason.code === undefined
    ? `${reason.name}: ${reason.message}`
    : `${reason.name} ${reason.code}: ${reason.message}`;
}

function textOf(detail: unknown): string {
  return typeof detail === "string" ? detail : (JSON.stringify(detail, withoutStack) ?? String(detail));
}

/** A reason within a reason: its stack is in the crash report of the one it is about. */
const withoutStack = (key: string, value: unknown): unknown => (key === "stack" ? undefined : value);
