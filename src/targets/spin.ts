/** Longest spin, in ms: about what it costs to wake a sleeping core. */
const longestMs = 0.05;
const shortestMs: number = longestMs / 16;
/** A gap between two looks at the clock, in ms, that says: this core was taken away in between. */
const takenMs = 0.2;
const looksPerClock = 64;
/** After a spin that cost a core somebody else wanted, so many sleeps go without one. */
const penaltySleeps = 64;
/**
 * Every so many sleeps it spins for the longest time, however little that helped before: two VMs that both sleep between messages
 * answer each other too late for a short spin, and would never find out that they could do without sleeping.
 */
const probeSleeps = 8;

/**
 * Decides how long to look for the next message before sleeping. It spins for longer when that succeeds, for less when it does
 * not, and not at all when the machine has no core to spare: when it was interrupted, or more VMs are awake than there are cores.
 */
export class Spin {
  /**
   * At first the shortest: a VM that has just booted may have little to do, and V8 would take its first long spins for what matters in
   * it, and compile them, on a core that somebody waits for.
   */
  private budgetMs = shortestMs;
  private penalty = 0;
  private sleeps = 1;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** True as soon as `arrived` says so; false when it is time to sleep. */
  until(arrived: () => boolean, coreToSpare: boolean): boolean {
    if (!coreToSpare) return false;
    if (this.penalty > 0) {
      this.penalty--;
      return false;
    }
    // Most of what comes comes at once: that costs no look at the clock.
    for (let look = 0; look < looksPerClock; look++) if (arrived()) return true;
    const budgetMs = this.sleeps % probeSleeps === 0 ? longestMs : this.budgetMs;
    const start = this.now();
    for (let last = start; ; ) {
      for (let look = 0; look < looksPerClock; look++) {
        if (!arrived()) continue;
        this.budgetMs = Math.min(longestMs, this.budgetMs * 2);
        return true;
      }
      const at = this.now();
      if (at - last > takenMs) {
        this.penalty = penaltySleeps;
        return false;
      }
      if (at - start >= budgetMs) {
        this.sleeps++;
        this.budgetMs = Math.max(shortestMs, this.budgetMs / 2);
        return false;
      }
      last = at;
    }
  }
}
