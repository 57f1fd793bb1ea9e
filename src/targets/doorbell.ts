/** How a vCPU sleeps, and how others wake it. What is said of the methods at `Doorbell` holds for all. */
export interface Bell {
  ring(): void;
  arm(): void;
  wait(woken: () => void): boolean;
}

/**
 * Wakes a sleeping vCPU of the same process, over one word of shared memory: 1 after somebody rang. Loads and stores only.
 *
 * Ordering: a sender publishes its record, then loads the consumer's asleep flag; a sleeper stores its asleep flags, then
 * loads every tail. Both are sequentially consistent, so one of the two sees the other (Dekker): no wake-up is lost.
 */
export class Doorbell implements Bell {
  private readonly words: Int32Array;
  private readonly index: number;
  private waiting = false;
  private woken: (() => void) | undefined = undefined;

  constructor(words: Int32Array, index: number) {
    this.words = words;
    this.index = index;
  }

  /** One that has rung since it was armed need not ring again: whoever armed it has been woken, or looks before it sleeps. */
  ring(): void {
    if (Atomics.exchange(this.words, this.index, 1) === 0) Atomics.notify(this.words, this.index);
  }

  /** Before the asleep flags are set: what is rung from here on ends the wait that follows. */
  arm(): void {
    Atomics.store(this.words, this.index, 0);
  }

  /**
   * Calls back once when it rings; at once (true is returned, and no call-back) if it has rung since `arm`. It may call back
   * without need, for an earlier ring, so give it the same function each time and look at what there is.
   */
  wait(woken: () => void): boolean {
    // Whoever waits now is the one to be woken, also by a wait that an earlier sleep has left behind: those cannot be called off.
    this.woken = woken;
    if (this.waiting) return Atomics.load(this.words, this.index) !== 0;
    const result = Atomics.waitAsync(this.words, this.index, 0);
    if (!result.async) return true;
    this.waiting = true;
    void result.value.then(() => {
      this.waiting = false;
      this.woken?.();
    });
    return false;
  }
}
