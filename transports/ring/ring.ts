/**
 * A ring's memory, seen through three views. One side creates it, the others attach: an attach never writes. Reading and writing
 * records is `RingReader`'s and `RingWriter`'s, of which a ring has one each.
 */
import { limits } from "../../kernel/index.ts";
import { transportError } from "../errors.ts";
import { ringBytes, ringHeaderBytes, ringMagic, ringVersion, ringWord } from "./layout.ts";
import { recordHeaderBytes } from "./record.ts";

export interface RingOptions {
  /** Where the ring starts in the memory; a multiple of 8. Default 0. */
  readonly byteOffset?: number;
  /** A power of two. Default `limits.ringCapacityBytes`. */
  readonly capacityBytes?: number;
  /** Incarnation: written by the creator, and if given to an attach, asked for. Default of the creator 0. */
  readonly generation?: number;
}

export interface RingCreateOptions extends RingOptions {
  /** Where the free-running indices start, a multiple of 8; tests start them short of a wrap. Default 0. */
  readonly startIndex?: number;
}

/** Views of one ring. `bytes` and `words` cover the data and nothing else, so no offset reaches the header or a neighbour. */
export interface Ring {
  readonly header: Int32Array;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  /** From this side's own knowledge; the word in the header is never looked at again. */
  readonly capacityBytes: number;
  readonly generation: number;
}

/**
 * Makes a ring in memory that both sides see: a `SharedArrayBuffer`, or an `ArrayBuffer` over mapped memory.
 *
 * Ordering: magic is stored last, sequentially consistent; an attach that loads it sees all the other words.
 * Throws `RING_CAPACITY_INVALID`, `RING_INVALID` if the memory is too small, `RING_IN_USE` if there is a ring already.
 */
export function createRing(memory: ArrayBufferLike, options: RingCreateOptions = {}): Ring {
  const { header, bytes, words, capacityBytes } = viewsOf(memory, options);
  const generation = (options.generation ?? 0) | 0;
  const startIndex = (options.startIndex ?? 0) | 0;
  if (startIndex % recordHeaderBytes !== 0)
    throw invalid("a start index that is a multiple of", 8, startIndex);
  if (Atomics.load(header, ringWord.magic) === ringMagic) {
    throw transportError("RING_IN_USE", { generation: Atomics.load(header, ringWord.generation) });
  }
  header.fill(0);
  header[ringWord.version] = ringVersion;
  header[ringWord.capacity] = capacityBytes;
  header[ringWord.generation] = generation;
  header[ringWord.tail] = startIndex;
  header[ringWord.head] = startIndex;
  Atomics.store(header, ringWord.magic, ringMagic);
  return { header, bytes, words, capacityBytes, generation };
}

/**
 * Takes up a ring that somebody else created.
 *
 * Ordering: loads magic first, which pairs with the store of it that ends `createRing`.
 * Throws `RING_CAPACITY_INVALID`, or `RING_INVALID` with the word that is not as expected.
 */
export function attachRing(memory: ArrayBufferLike, options: RingOptions = {}): Ring {
  const { header, bytes, words, capacityBytes } = viewsOf(memory, options);
  expectWord(header, ringWord.magic, "magic", ringMagic);
  expectWord(header, ringWord.version, "version", ringVersion);
  expectWord(header, ringWord.capacity, "capacity", capacityBytes);
  const generation = Atomics.load(header, ringWord.generation);
  if (options.generation !== undefined && generation !== (options.generation | 0)) {
    throw invalid("generation", options.generation, generation);
  }
  return { header, bytes, words, capacityBytes, generation };
}

function viewsOf(memory: ArrayBufferLike, options: RingOptions): Omit<Ring, "generation"> {
  const { byteOffset = 0, capacityBytes = limits.ringCapacityBytes } = options;
  const needed = ringBytes(capacityBytes);
  if (!(byteOffset >= 0) || byteOffset % 8 !== 0)
    throw invalid("an offset that is a multiple of", 8, byteOffset);
  if (memory.byteLength - byteOffset < needed) {
    throw invalid("bytes of memory, at least", needed, memory.byteLength - byteOffset);
  }
  const data = byteOffset + ringHeaderBytes;
  return {
    header: new Int32Array(memory, byteOffset, ringHeaderBytes >> 2),
    bytes: new Uint8Array(memory, data, capacityBytes),
    words: new Int32Array(memory, data, capacityBytes >> 2),
    capacityBytes,
  };
}

function expectWord(header: Int32Array, index: number, what: string, expected: number): void {
  const got = Atomics.load(header, index);
  if (got !== expected) throw invalid(what, expected, got);
}

function invalid(what: string, expected: number, got: number): Error {
  return transportError("RING_INVALID", { what, expected, got });
}
