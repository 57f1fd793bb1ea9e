/**
 * The payloads of the throughput bench, the same in every contender (erlang/throughput.erl has the twin).
 */
export type Kind = "fields" | "record" | "bytes" | "small";
export type Payload = number | Uint8Array | Readonly<Record<string, string>>;

export function isKind(value: unknown): value is Kind {
  return value === "fields" || value === "record" || value === "bytes" || value === "small";
}

export function payloadOf(kind: Kind): Payload {
  if (kind === "fields") return 7;
  if (kind === "small") return new Uint8Array(100).fill(120);
  if (kind === "bytes") return new Uint8Array(1024).fill(120);
  return Object.fromEntries(
    Array.from({ length: 16 }, (_, i) => [String.fromCharCode(97 + i), "x".repeat(64)]),
  );
}

/** What the receiver reads of a payload, and adds to the checksum. */
export function touch(payload: Payload): number {
  if (typeof payload === "number") return payload;
  return payload instanceof Uint8Array ? payload.byteLength : (payload["p"]?.length ?? Number.NaN);
}
