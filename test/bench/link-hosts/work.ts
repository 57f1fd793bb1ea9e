/** The two kinds of work of this bench, in records of 100 bytes that begin with a number. */
export type Work = "one-way" | "round-trips";

export const recordBytes = 100;

/** Done before the clock starts. */
export const warmUp = 20_000;

/** In `data`, from `at` on; a record of the one-way work is numbered from 1. */
export const numberOf = (data: Uint8Array, at = 0): number =>
  (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16) | ((data[at + 3] ?? 0) << 24);

export function number(data: Uint8Array, value: number): void {
  data[0] = value;
  data[1] = value >> 8;
  data[2] = value >> 16;
  data[3] = value >> 24;
}

/** What the reading end keeps: it answers when all of a run is there. */
export class Tally {
  private sum = 0;
  private got = 0;
  private expected = -1;

  /** A record of 0 says how many follow, in its next number. Answers the sum once they are there. */
  take(data: Uint8Array, at: number): number | undefined {
    const value = numberOf(data, at);
    if (value === 0) {
      this.expected = numberOf(data, at + 4);
      this.got = this.sum = 0;
      return undefined;
    }
    this.sum += value;
    return ++this.got === this.expected ? this.sum : undefined;
  }
}

/** The record in front of a run. */
export function announcement(count: number): Uint8Array {
  const record = new Uint8Array(recordBytes);
  number(record.subarray(4), count);
  return record;
}

export function sumRecord(sum: number): Uint8Array {
  const record = new Uint8Array(recordBytes);
  new DataView(record.buffer).setFloat64(0, sum, true);
  return record;
}

export const sumOf = (data: Uint8Array, at: number): number =>
  new DataView(data.buffer, data.byteOffset + at).getFloat64(0, true);
