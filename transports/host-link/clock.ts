/** The time, for what holds links in the real world: tests give it another one. */
export interface Clock {
  /** In ms, from any beginning; never goes back. */
  now(): number;
  /** Calls until the answer is called. */
  every(periodMs: number, tick: () => void): () => void;
  /** Calls once, unless the answer is called before. */
  after(delayMs: number, then: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  every(periodMs, tick) {
    const timer = setInterval(tick, periodMs);
    return () => clearInterval(timer);
  },
  after(delayMs, then) {
    const timer = setTimeout(then, delayMs);
    return () => clearTimeout(timer);
  },
};
