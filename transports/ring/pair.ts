/**
 * A duplex of two rings in one memory, with ends "a" and "b": what "a" writes "b" reads, and the other way round. One side (or a
 * third party, such as the host) creates it; each end attaches once.
 */
import { limits } from "../../kernel/index.ts";
import { ringBytes, ringHeaderBytes } from "./layout.ts";
import { RingReader } from "./reader.ts";
import { attachRing, createRing, type RingCreateOptions, type RingOptions } from "./ring.ts";
import { RingWriter } from "./writer.ts";

export type RingPairEnd = "a" | "b";

/** One end's way out and way in. */
export interface RingPair {
  readonly writer: RingWriter;
  readonly reader: RingReader;
}

/** Memory a pair takes, in bytes, for this capacity each way. Default `limits.ringCapacityBytes`. Throws `RING_CAPACITY_INVALID`. */
export function ringPairBytes(capacityBytes: number = limits.ringCapacityBytes): number {
  return 2 * ringBytes(capacityBytes);
}

/** The capacity each way of a pair that takes up so much memory, in bytes. */
export const ringPairCapacity = (memoryBytes: number): number => memoryBytes / 2 - ringHeaderBytes;

/** Makes both rings. Throws as `createRing`. */
export function createRingPair(memory: ArrayBufferLike, options: RingCreateOptions = {}): void {
  createRing(memory, options);
  createRing(memory, secondOf(options));
}

/** Takes up one end of a pair that was created. Throws as `attachRing`; `RING_CORRUPT` if its indices cannot be true. */
export function attachRingPair(
  memory: ArrayBufferLike,
  end: RingPairEnd,
  options: RingOptions = {},
): RingPair {
  const fromA = attachRing(memory, options);
  const fromB = attachRing(memory, secondOf(options));
  return end === "a"
    ? { writer: new RingWriter(fromA), reader: new RingReader(fromB) }
    : { writer: new RingWriter(fromB), reader: new RingReader(fromA) };
}

function secondOf<Options extends RingOptions>(options: Options): Options {
  const { byteOffset = 0, capacityBytes = limits.ringCapacityBytes } = options;
  return { ...options, byteOffset: byteOffset + ringBytes(capacityBytes) };
}
