const words = { vm: 0, beats: 1 } as const;

/**
 * Two words that a worker shares with its host: whose turn it is, and a count that goes up as long as that one can be stopped from within. QuickJS asks
 * now and then whether it is to stop, but not in its own functions (`indexOf` in what says that it is very long comes to no end and never
 * asks), and one that is told to may go on: a promise's executor takes it for an error. Such a thread is ended from outside, or not at all.
 */
export class Pulse {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;

  constructor(
    memory: SharedArrayBuffer = new SharedArrayBuffer(
      Int32Array.BYTES_PER_ELEMENT * Object.keys(words).length,
    ),
  ) {
    this.memory = memory;
    this.words = new Int32Array(memory);
  }

  /** Whose turn it is; 0: nobody's. */
  get vm(): number {
    return Atomics.load(this.words, words.vm);
  }

  get beats(): number {
    return Atomics.load(this.words, words.beats);
  }

  /** The worker's word: this VM runs, or is taken apart. */
  enter(vm: number): void {
    Atomics.store(this.words, words.vm, vm);
    this.beat();
  }

  beat(): void {
    Atomics.add(this.words, words.beats, 1);
  }

  leave(): void {
    Atomics.store(this.words, words.vm, 0);
  }
}
