import { isOrderly, type ExitReason } from "../kernel/index.ts";
import type { Restart } from "./child-spec.ts";

/**
 * What the end of one child means for it and its siblings. Pure: no signals, no clock.
 * Semantics: OTP `supervisor`; temporary siblings go down with the others, and are never started again.
 */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";

export interface Plan<C> {
  /** In the order of stopping: the reverse of starting. */
  readonly stop: readonly C[];
  readonly start: readonly C[];
}

/** `children` in the order of their start; the one at `index` has ended and is to be restarted. */
export function planRestart<C extends { readonly restart: Restart }>(
  strategy: Strategy,
  children: readonly C[],
  index: number,
): Plan<C> {
  const from = strategy === "one_for_all" ? 0 : index;
  const to = strategy === "one_for_one" ? index + 1 : children.length;
  const affected = children.slice(from, to);
  return { stop: affected.toReversed(), start: affected.filter(({ restart }) => restart !== "temporary") };
}

export interface Verdict {
  readonly restart: boolean;
  /** A `child_terminated` report is due. */
  readonly report: boolean;
}

export function verdictOf(restart: Restart, reason: ExitReason): Verdict {
  if (restart === "permanent") return { restart: true, report: true };
  if (isOrderly(reason)) return { restart: false, report: false };
  return { restart: restart === "transient", report: true };
}

/** How a child may end when its supervisor stops it, without a `shutdown_error` report. */
export function stoppedAsAsked(restart: Restart, brutally: boolean, reason: ExitReason): boolean {
  if (reason === (brutally ? "killed" : "shutdown")) return true;
  return restart !== "permanent" && isOrderly(reason);
}
