/**
 * What stands under the key of a lease: who holds it and for how long, in JSON. It says `ttlMs` itself, so that candidates wait as long as
 * its holder may act, whatever they would choose. Anybody with access to the store may have written it.
 */
import { clusterError } from "./errors.ts";

export interface LeaseRecord {
  /** Of one candidate in one of its lives, unique in the cluster. */
  readonly holder: string;
  readonly ttlMs: number;
  /** Its fencing token; absent in the write that made it, whose revision it is. */
  readonly token?: number;
  /** What the holder wants others to know. */
  readonly note: string;
}

export const ttlMsMin = 100;
export const ttlMsMax = 3_600_000;
/** Of a whole record. */
export const recordBytesMax = 16 * 1024;
/** In JSON one may take six bytes. */
export const noteCharsMax = 2048;
const nameCharsMax = 200;
const version = 1;

export function encodeRecord({ holder, ttlMs, token, note }: LeaseRecord): string {
  return JSON.stringify({ v: version, holder, ttlMs, ...(token === undefined ? {} : { token }), note });
}

/** Where the lease of this name is kept. Throws `LEASE_OPTION`. */
export function keyOf(name: string): string {
  if (!/^[\w/=-]+(\.[\w/=-]+)*$/.test(name) || name.length > nameCharsMax)
    throw clusterError("LEASE_OPTION", {
      option: "the name of a lease",
      expected: `up to ${nameCharsMax} letters, digits, -, _, = and /, with dots between`,
      got: JSON.stringify(name),
    });
  return `lease.${name}`;
}

/** Undefined: it is no record of this release. */
export function decodeRecord(text: string): LeaseRecord | undefined {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { v, holder, ttlMs, token, note } = value as Readonly<Record<string, unknown>>;
  if (v !== version || typeof holder !== "string" || typeof note !== "string") return undefined;
  if (typeof ttlMs !== "number" || !(ttlMs >= ttlMsMin && ttlMs <= ttlMsMax)) return undefined;
  if (token === undefined) return { holder, ttlMs, note };
  return typeof token === "number" && Number.isSafeInteger(token) && token > 0
    ? { holder, ttlMs, token, note }
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
