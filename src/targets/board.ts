import { type Bell, Doorbell } from "./doorbell.ts";

const wordsPerVm = 16;
const bytesPerVm: number = wordsPerVm * Int32Array.BYTES_PER_ELEMENT;
const bell = 0;
const turns = 1;
const awake = 2;
const marked = 3;
const busy = 4;
const held = 5;
type BellAt = (words: Int32Array, index: number, place: number) => Bell;

/** Place 0 is the host's own VM; its words 8.. are for all. */
const awakeCount = 8;
/** A bit for each group of places: one of them is marked. */
const markedGroups = 9;
const groupWords: number = wordsPerVm - markedGroups;
const groupCount: number = groupWords * 32;

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

  /** `from`: whoever rings has it in its place, and is marked when it rings for the host. */
  doorbell(place: number, from?: number): Bell {
    const found = this.bellAt(this.words, place * wordsPerVm + bell, place);
    if (place !== 0 || from === undefined) return found;
    return {
      ring: () => {
        this.mark(from);
        found.ring();
      },
      arm: () => found.arm(),
      wait: (woken) => found.wait(woken),
    };
  }

  /**
   * The VM in that place has something for the host. Before the host's bell is rung: a host looks for marks after it has armed its bell.
   */
  private mark(place: number): void {
    Atomics.store(this.words, place * wordsPerVm + marked, 1);
    const group = place % groupCount;
    Atomics.or(this.words, markedGroups + (group >> 5), 1 << (group & 31));
  }

  get anyMarked(): boolean {
    for (let i = 0; i < groupWords; i++) if (Atomics.load(this.words, markedGroups + i) !== 0) return true;
    return false;
  }

  /** Takes all marks. The group's is taken before those of its places, as they were set after. */
  takeMarks(found: (place: number) => void): void {
    const { words } = this;
    for (let i = 0; i < groupWords; i++) {
      if (Atomics.load(words, markedGroups + i) === 0) continue;
      const groups = Atomics.exchange(words, markedGroups + i, 0);
      for (let bit = 0; bit < 32; bit++) {
        if ((groups & (1 << bit)) === 0) continue;
        for (let place = i * 32 + bit; place * wordsPerVm < words.length; place += groupCount)
          if (Atomics.exchange(words, place * wordsPerVm + marked, 0) !== 0) found(place);
      }
    }
  }

  /** It has something to do. Only targets with `saysBusy` say so. */
  setBusy(place: number, on: boolean): void {
    Atomics.store(this.words, place * wordsPerVm + busy, on ? 1 : 0);
  }

  isBusy(place: number): boolean {
    return Atomics.load(this.words, place * wordsPerVm + busy) !== 0;
  }

  /** The thread of the VM in that place stands still once it comes to `rest`. Only where that thread is its own. */
  setHeld(place: number, on: boolean): void {
    const index = place * wordsPerVm + held;
    Atomics.store(this.words, index, on ? 1 : 0);
    Atomics.notify(this.words, index);
  }

  /** Returns when it is not held. */
  rest(place: number): void {
    const index = place * wordsPerVm + held;
    while (Atomics.load(this.words, index) !== 0) Atomics.wait(this.words, index, 1);
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
    this.words.fill(0, place * wordsPerVm, place * wordsPerVm + awakeCount);
  }
}
