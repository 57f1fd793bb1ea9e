import type { Home, Kernel } from "../../kernel/index.ts";
import { attachRingPair, RingChannel, type RingPairEnd } from "../../transports/index.ts";
import type { Bell } from "./doorbell.ts";
import { LinkLine } from "./link-line.ts";
import { nodeText } from "./node-text.ts";

/** A pair of rings in memory that both of its VMs see; the host makes it. */
export type RingMemory = SharedArrayBuffer | MappedRing;

/** One below `/dev/shm`. */
export interface MappedRing {
  /** Where other processes find it. */
  readonly path: string;
  readonly buffer: ArrayBuffer;
}

/** A line over a pair of rings. */
export class RingLine extends LinkLine {
  constructor(kernel: Kernel, home: Home) {
    super(kernel, home, nodeText);
  }

  connect(memory: RingMemory, end: RingPairEnd, bell: Bell): void {
    this.open(new RingChannel(attachRingPair("path" in memory ? memory.buffer : memory, end)), bell);
  }
}
