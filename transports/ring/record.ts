/**
 * What lies in a ring's data: records, each 8-byte aligned and never across the end of the data. A record is a word with the
 * length of its body in bytes, a word with its own free-running index, then the body, so bodies are 8-byte aligned too. The index
 * tells a record from what an earlier lap left there. Where a record does not fit before the end, a record of length -1 fills it.
 */
export const recordHeaderBytes = 8;

/** The length that says: nothing up to the end of the data, the next record is at its start. */
export const paddingLength = -1;

/** What a record with a body of so many bytes takes up. */
export function recordBytes(bodyBytes: number): number {
  return (bodyBytes + recordHeaderBytes + 7) & ~7;
}

/** The longest body: a quarter of the ring, so that one always fits into an empty ring, wherever it starts. */
export function maxBodyBytesOf(capacityBytes: number): number {
  return capacityBytes >>> 2;
}
