import type { Backoff } from "./backoff.ts";
import { runs, specOf, type Restart, type Spec } from "./child-spec.ts";
import { supervisorError, type RefusedCode } from "./errors.ts";

/**
 * Child specs made sure of, with all defaults written out. Throws the codes of `errors.ts`, before anything has started.
 * Semantics: OTP `supervisor:check_childspecs`; other than OTP, unknown keys are refused.
 */
export interface CheckedSpec {
  readonly spec: Spec;
  readonly type: ChildType;
  readonly restart: Restart;
  /** In ms; `Infinity` waits for ever. */
  readonly shutdownMs: number | "brutal_kill";
  readonly significant: boolean;
  readonly backoff: Backoff | undefined;
}

export type ChildType = "worker" | "supervisor" | "vm";

const defaultShutdownMs: Readonly<Record<ChildType, number>> = {
  worker: 5000,
  supervisor: Infinity,
  vm: Infinity,
};

type Given = Readonly<Record<string, unknown>>;

export function checkSpec(what: string, value: unknown, autoShutdown: string): CheckedSpec {
  const spec = specOf(value);
  if (spec === undefined || !runs(spec.program) || !isArgs(spec.args) || !isObject(spec.options))
    throw refused("INVALID_CHILD_SPEC", what, "what child() or vm() made", value);
  const given = spec.options as Given;
  const { restart = "permanent", shutdown, significant = false, backoff } = given;
  if (restart !== "permanent" && restart !== "transient" && restart !== "temporary")
    throw refused("INVALID_RESTART_TYPE", `${what}.restart`, "permanent, transient or temporary", restart);
  const type = typeOf(spec);
  const shutdownMs = shutdownOf(`${what}.shutdown`, shutdown ?? defaultShutdownMs[type]);
  if (typeof significant !== "boolean")
    throw refused("INVALID_SIGNIFICANT", `${what}.significant`, "a boolean", significant);
  if (significant) checkSignificant(what, restart, autoShutdown);
  checkKeys(what, given, ["restart", "shutdown", "significant", "backoff"]);
  return { spec, type, restart, shutdownMs, significant, backoff: backoffOf(`${what}.backoff`, backoff) };
}

/** Refuses what would never have an effect, because it was misspelt. */
export function checkKeys(what: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw supervisorError("UNKNOWN_KEY", { what, expected: `one of ${known.join(", ")}`, got: key });
}

export function refused(code: RefusedCode, what: string, expected: string, got: unknown): Error {
  return supervisorError(code, { what, expected, got: textOf(got) });
}

export const isObject = (value: unknown): value is Given => typeof value === "object" && value !== null;

function checkSignificant(what: string, restart: string, autoShutdown: string): void {
  if (restart === "permanent")
    throw refused(
      "BAD_COMBINATION",
      what,
      "no permanent child to be significant",
      "restart permanent, significant true",
    );
  if (autoShutdown === "never")
    throw refused(
      "BAD_COMBINATION",
      what,
      "an autoShutdown for a significant child",
      "autoShutdown never, significant true",
    );
}

function typeOf({ program }: Spec): ChildType {
  if (program.type === "vm") return "vm";
  return program.behavior.supervises ? "supervisor" : "worker";
}

function shutdownOf(what: string, value: unknown): number | "brutal_kill" {
  if (value === "brutal_kill") return value;
  if (value === "infinity") return Infinity;
  if (typeof value === "number" && value >= 0) return value;
  throw refused("INVALID_SHUTDOWN", what, "0 or more ms, infinity or brutal_kill", value);
}

export function backoffOf(what: string, value: unknown): Backoff | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw refused("INVALID_BACKOFF", what, "{ firstMs, maxMs }", value);
  checkKeys(what, value, ["firstMs", "maxMs", "factor", "resetAfterMs"]);
  const { firstMs, maxMs, factor = 2, resetAfterMs = 0 } = value;
  const sound =
    isNumber(firstMs) &&
    isNumber(maxMs) &&
    isNumber(factor) &&
    isNumber(resetAfterMs) &&
    firstMs > 0 &&
    factor >= 1;
  if (!sound || maxMs < firstMs)
    throw refused("INVALID_BACKOFF", what, "0 < firstMs <= maxMs, factor >= 1, resetAfterMs >= 0", value);
  // Sound: each of its fields was looked at.
  return value as unknown as Backoff;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && value >= 0;
const isArgs = (args: unknown): boolean => Array.isArray(args) || typeof args === "function";

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}
