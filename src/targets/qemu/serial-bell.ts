import type { Bell } from "../doorbell.ts";

/** The serial port between host and guest, as far as bells use it: one byte that says wake up. */
export interface BellWire {
  ring(): void;
  /** Called at each such byte of the other side. */
  onRing: () => void;
}

/**
 * Wakes the one vCPU at the other end of a serial port: one byte, and only if it has not been rung since it went to sleep. Over one
 * word of shared memory, 1 after somebody rang; loads and stores only, in the order that `Doorbell` tells.
 */
export class SerialBell implements Bell {
  private readonly words: Int32Array;
  private readonly index: number;
  private readonly wire: BellWire;

  constructor(words: Int32Array, index: number, wire: BellWire) {
    this.words = words;
    this.index = index;
    this.wire = wire;
  }

  ring(): void {
    if (Atomics.load(this.words, this.index) !== 0) return;
    Atomics.store(this.words, this.index, 1);
    this.wire.ring();
  }

  arm(): void {
    Atomics.store(this.words, this.index, 0);
  }

  wait(woken: () => void): boolean {
    this.wire.onRing = woken;
    return Atomics.load(this.words, this.index) !== 0;
  }
}
