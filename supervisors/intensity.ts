/**
 * The restart window: how many restarts a supervisor may make before it gives up. Pure.
 *
 * Semantics: OTP, which counts on whole seconds of the monotonic clock with both ends included, the new restart too:
 * a restart in second `now` stands beside those of the seconds `now - period` to `now`, and more than `restarts` is too many.
 */
export interface Intensity {
  /** Restarts that are fine; one more ends the supervisor. Default: 1. */
  readonly restarts: number;
  /** In ms, floored to whole seconds, at least one. Default: 5000. */
  readonly withinMs: number;
}

export const defaultIntensity: Intensity = { restarts: 1, withinMs: 5000 };

/** The seconds of the restarts that still count, with the new one; oldest first. */
export function counted(before: readonly number[], nowMs: number, withinMs: number): readonly number[] {
  const now = Math.floor(nowMs / 1000);
  const oldest = now - Math.floor(withinMs / 1000);
  return [...before.filter((second) => second >= oldest), now];
}
