/**
 * Waiting before a restart, longer each time: beyond OTP, and off unless a child asks for it. Pure.
 * While it waits the child is `restarting`: it can be cancelled with `terminateChild`, and the others go on.
 */
export interface Backoff {
  /** Before the first restart, in ms. */
  readonly firstMs: number;
  /** At the most, in ms. */
  readonly maxMs: number;
  /** Each wait is so many times the one before. Default: 2. */
  readonly factor?: number;
  /** A child that lived for so long, in ms, begins with `firstMs` again. Default: `maxMs`. */
  readonly resetAfterMs?: number;
}

/** The wait before restart number `failures` (1 is the first) in a row, in ms. */
export function backoffMs(backoff: Backoff, failures: number): number {
  const { firstMs, maxMs, factor = 2 } = backoff;
  return Math.min(maxMs, firstMs * factor ** (failures - 1));
}

/** How many failures in a row this end makes. */
export function failuresInRow(backoff: Backoff, before: number, livedMs: number): number {
  return livedMs >= (backoff.resetAfterMs ?? backoff.maxMs) ? 1 : before + 1;
}
