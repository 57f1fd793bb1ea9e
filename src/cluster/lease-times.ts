/**
 * The times of a lease, all from its `ttlMs`. The margin is what a holder gives up at the end and a candidate waits beyond it: a tenth, so
 * that two clocks may each be wrong by nearly as much, and an actor has some time to be stopped.
 */
import { clusterError } from "./errors.ts";
import { ttlMsMax, ttlMsMin } from "./lease-record.ts";

export const defaultTtlMs = 10_000;

export interface LeaseTimes {
  /** A holder acts for so long after it sent a write. */
  readonly actMs: number;
  /** A candidate takes over so long after it saw the last write. */
  readonly freeMs: number;
  /** Between writes of a holder, and between looks of a candidate. */
  readonly renewMs: number;
  /** For an answer of the store. */
  readonly askMs: number;
  readonly retryMs: number;
}

/** Throws `LEASE_OPTION`. */
export function leaseTimes(ttlMs: number): LeaseTimes {
  if (!(ttlMs >= ttlMsMin && ttlMs <= ttlMsMax))
    throw clusterError("LEASE_OPTION", {
      option: "ttlMs",
      expected: `from ${ttlMsMin} to ${ttlMsMax}`,
      got: String(ttlMs),
    });
  const marginMs = ttlMs / 10;
  return {
    actMs: ttlMs - marginMs,
    freeMs: ttlMs + marginMs,
    renewMs: ttlMs / 5,
    askMs: ttlMs / 5,
    retryMs: ttlMs / 20,
  };
}
