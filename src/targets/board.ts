import { type Bell, Doorbell } from "./doorbell.ts";

const wordsPerVm = 16;
const bytesPerVm: number = wordsPerVm * Int32Array.BYTES_PER_ELEMENT;
const bell = 0;
const turns = 1;
const awake = 2;
type BellAt = (words: Int32Array, index: number, place: number) => Bell;

/** Place 0 is the host's own VM; its words 8.. are for all. */
const awakeCount = 8;

/**
 * What the VMs of one host share beside their rings: a line of words for each, with its doorbell, a count of its
 * loop's turns for the watchdog, and whether it is awake. A VM that lies here harms only itself.
 */
export class Board {
  readonly memory: ArrayBufferLike;
  private readonly words: Int32Array;
  private readonly bellAt: BellAt;

  /** `bellAt` makes the bell over a word of `memory`. Default: one for VMs of this process. */
  constructor(memory: ArrayBufferLike, bellAt: BellAt = (words, index) => new Doorbell(words, index)) {
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.bellAt = bellAt;
  }

  static create(places: number): Board {
    return new Board(new SharedArrayBuffer(Board.bytes(places)));
  }

  /** Memory that it takes, in bytes. */
  static bytes(places: number): number {
    return places * bytesPerVm;
  }

  doorbell(place: number): Bell {
    return this.bellAt(this.words, place * wordsPerVm + bell, place);
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
