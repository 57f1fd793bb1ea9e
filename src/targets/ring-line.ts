import type { Home, Kernel } from "../../kernel/index.ts";
import { attachRingPair, RingChannel, ringPairCapacity, type RingPairEnd } from "../../transports/index.ts";
import type { Bell } from "./doorbell.ts";
import { LinkLine } from "./link-line.ts";
import { nodeText } from "./node-text.ts";

/** A pair of rings in memory that both of its VMs see; the host makes it. */
export type RingMemory = SharedArrayBuffer | MappedRing;

/** One in memory below `/dev/shm`. */
export interface MappedRing {
  /** Where other processes find it; empty if that has no name. */
  readonly path: string;
  /** Where it begins there, in bytes. Default 0. */
  readonly offset?: number;
  readonly buffer: ArrayBuffer;
}

/** A line over a pair of rings. */
export class RingLine extends LinkLine {
  constructor(kernel: Kernel, home: Home) {
    super(kernel, home, nodeText);
  }

  connect(memory: RingMemory, end: RingPairEnd, bell: Bell): void {
    this.open(ringChannel(memory, end), bell);
  }
}

/** One end of the ring in `memory`. Throws as `attachRingPair`. */
export function ringChannel(memory: RingMemory, end: RingPairEnd): RingChannel {
  const buffer = "path" in memory ? memory.buffer : memory;
  return new RingChannel(attachRingPair(buffer, end, { capacityBytes: ringPairCapacity(buffer.byteLength) }));
}
