import { Doorbell } from "./doorbell.ts";

const wordsPerVm = 16;
const bell = 0;
const turns = 1;
const awake = 2;
/** Place 0 is the host's own VM; its words 8.. are for all. */
const awakeCount = 8;

/**
 * What the VMs of one host process share beside their rings: a line of words for each, with its doorbell, a count of its
 * loop's turns for the watchdog, and whether it is awake. A VM that lies here harms only itself.
 */
export class Board {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.words = new Int32Array(memory);
  }

  static create(places: number): Board {
    return new Board(new SharedArrayBuffer(places * wordsPerVm * Int32Array.BYTES_PER_ELEMENT));
  }

  doorbell(place: number): Doorbell {
    return new Doorbell(this.words, place * wordsPerVm + bell);
  }

  /** This VM's loop has turned. Only its own vCPU calls this. */
  turned(place: number): void {
    const index = place * wordsPerVm + turns;
    Atomics.store(this.words, index, (Atomics.load(this.words, index) + 1) | 0);
  }

  turnsOf(place: number): number {
    return Atomics.load(this.words, place * wordsPerVm + turns);
  }

  /** Counted, so that nobody spins for a peer that has no core to answer from. */
  setAwake(place: number, on: boolean): void {
    const before = Atomics.exchange(this.words, place * wordsPerVm + awake, on ? 1 : 0);
    if (before === (on ? 1 : 0)) return;
    Atomics.add(this.words, awakeCount, on ? 1 : -1);
  }

  get awakeVms(): number {
    return Atomics.load(this.words, awakeCount);
  }

  /** A place for the next VM: nothing of the last one is left. */
  clear(place: number): void {
    this.setAwake(place, false);
    this.words.fill(0, place * wordsPerVm, place * wordsPerVm + awake);
  }
}
