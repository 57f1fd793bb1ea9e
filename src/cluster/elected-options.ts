import type { ClusterName } from "./cluster-name.ts";
import { clusterError } from "./errors.ts";
import { keyOf } from "./lease-record.ts";
import { defaultTtlMs, leaseTimes, type LeaseTimes } from "./lease-times.ts";

export interface ElectedOptions<in out M = never> {
  /** In the whole cluster: letters, digits, `-`, `_`, `=`, `/`, with dots between. A `ClusterName` also says who may send what. */
  readonly name: string | ClusterName<M>;
  /** How long the lease lasts without renewal. Another host takes over up to a tenth above it after the death of this one. Default 10 s. */
  readonly ttlMs?: number;
  /** What the actor has to end in, once asked, before it is killed; up to half of `ttlMs`. Default a fifth of it. */
  readonly stopMs?: number;
  /** Who this is, for people: the name of the host, say. Default: nothing. */
  readonly holder?: string;
  /** What others find with the call `holder` while the actor is here. Default: nothing. */
  readonly note?: string;
}

export interface CheckedElected {
  readonly name: string;
  readonly ttlMs: number;
  readonly stopMs: number;
  readonly holder: string;
  readonly note: string;
  readonly times: LeaseTimes;
}

/** Throws `LEASE_OPTION`. */
export function checkElected<M>(options: ElectedOptions<M>): CheckedElected {
  const { ttlMs = defaultTtlMs, holder = "", note = "" } = options;
  const name = typeof options.name === "string" ? options.name : options.name.text;
  keyOf(name);
  const times = leaseTimes(ttlMs);
  const { stopMs = ttlMs / 5 } = options;
  if (!(stopMs >= 0 && stopMs <= ttlMs / 2))
    throw clusterError("LEASE_OPTION", {
      option: "stopMs",
      expected: `from 0 to ${ttlMs / 2}, half of ttlMs`,
      got: String(stopMs),
    });
  return { name, ttlMs, stopMs, holder, note, times };
}
