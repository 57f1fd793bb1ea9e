/**
 * Where each word of a ring lies: the header, then the data. Shared by both sides, which may be different processes or machines
 * that see the same memory, so a change here needs a new `ringVersion`. Every word has one writer, and is loaded and stored
 * only: read-modify-write is not atomic between an emulated guest and its host.
 */
import { transportError } from "../errors.ts";

/** "mote" in ASCII, and never 0: fresh memory holds no ring. */
export const ringMagic = 0x6d6f7465;
export const ringVersion = 1;

/** Two cache lines: the hardware fetches the neighbour of a line too, so one alone does not keep two writers apart. */
const lineBytes = 128;
const lineWords = lineBytes / Int32Array.BYTES_PER_ELEMENT;

/** Index of each header word in the `Int32Array` over the header. Who writes it after creation stands beside it. */
export const ringWord = {
  /** Nobody. Stored last at creation. */
  magic: 0,
  version: 1,
  capacity: 2,
  /** The producer: free-running index after the last published record. */
  tail: lineWords,
  /** The consumer: free-running index of the first record it has not given back. */
  head: 2 * lineWords,
  /** The consumer: 1 while it wants to be woken for a record. */
  consumerAsleep: 3 * lineWords,
  /** The producer: 1 while it wants to be woken for space. */
  producerWaiting: 4 * lineWords,
  /** The producer, once. */
  closedByProducer: 5 * lineWords,
  /** The consumer, once. */
  closedByConsumer: 6 * lineWords,
  /** The producer. */
  producerBeat: 7 * lineWords,
  /** The consumer. */
  consumerBeat: 8 * lineWords,
  /** Nobody: which incarnation of the ring this is. */
  generation: 9 * lineWords,
} as const;

export const ringHeaderBytes: number = 10 * lineBytes;
const ringCapacityMinBytes = 64;
/** Above it, the distance of two indices would not fit a signed 32-bit integer. */
const ringCapacityMaxBytes: number = 2 ** 30;

/** Memory one ring takes, in bytes. Throws `RING_CAPACITY_INVALID`. */
export function ringBytes(capacityBytes: number): number {
  const inRange = capacityBytes >= ringCapacityMinBytes && capacityBytes <= ringCapacityMaxBytes;
  if (!inRange || (capacityBytes & (capacityBytes - 1)) !== 0 || !Number.isInteger(capacityBytes)) {
    throw transportError("RING_CAPACITY_INVALID", {
      capacityBytes,
      minBytes: ringCapacityMinBytes,
      maxBytes: ringCapacityMaxBytes,
    });
  }
  return ringHeaderBytes + capacityBytes;
}
