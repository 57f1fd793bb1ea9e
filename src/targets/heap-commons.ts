import { limits } from "../../kernel/index.ts";
import { createRingPair, ringPairBytes } from "../../transports/index.ts";
import { Board } from "./board.ts";
import type { Commons } from "./target.ts";

/** What a target keeps for the VMs of one host. */
export interface Kept {
  close(): void;
}

/** What the VMs of one process see together: `SharedArrayBuffer`s, which go when nobody holds them. */
export class HeapCommons implements Commons {
  readonly board: Board;
  readonly places: number;
  private readonly keeps = new Map<new (commons: HeapCommons) => Kept, Kept>();
  private closed = false;

  constructor(places: number) {
    this.board = Board.create(places);
    this.places = places;
  }

  ring(capacityBytes: number = limits.ringCapacityBytes): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(ringPairBytes(capacityBytes));
    createRingPair(memory, { capacityBytes });
    return memory;
  }

  release(): void {}

  /** The one thing of its kind beside this memory, made at first use, and closed with it. */
  kept<T extends Kept>(kind: new (commons: HeapCommons) => T): T {
    const found = this.keeps.get(kind);
    // Sound: only this method puts them there.
    if (found !== undefined) return found as T;
    const made = new kind(this);
    if (this.closed) made.close();
    this.keeps.set(kind, made);
    return made;
  }

  close(): void {
    this.closed = true;
    for (const kept of this.keeps.values()) kept.close();
  }
}

export const heapCommons = (places: number): HeapCommons => new HeapCommons(places);
