/** The longest, in ms: several times what a packet takes to a host nearby and back. */
const longestMs = 0.2;
const shortestMs: number = longestMs / 16;
/** Turns of the event loop that are so far apart, in ms, say that somebody else wants its core, or that it has enough to do. */
const busyMs = 0.2;
/** Every so many times it lingers for the longest time, however little that helped before. */
const probeEvery = 16;

/**
 * Keeps the event loop turning for a moment after a packet has come, instead of letting it sleep at once: to be woken takes several
 * times as long as the way over a fast network. It lingers for longer where the next packet comes within that time, and for less where
 * none does, and not at all where there is no core to spare. One for all links of a network.
 */
export class Linger {
  private budgetMs = shortestMs;
  private times = 0;
  private untilMs = 0;
  private turnedAtMs = 0;
  private lingers = false;
  private readonly mayLinger: () => boolean;
  private readonly now: () => number;
  private readonly soon: (then: () => void) => void;

  /** `mayLinger`: whether there is a core to spare; `soon` calls after the event loop has had a turn. */
  constructor(
    mayLinger: () => boolean = () => true,
    now: () => number = () => performance.now(),
    soon: (then: () => void) => void = (then) => void setImmediate(then),
  ) {
    this.mayLinger = mayLinger;
    this.now = now;
    this.soon = soon;
  }

  /** A packet has come. */
  touched(): void {
    if (!this.lingers && !this.mayLinger()) return;
    const nowMs = this.now();
    if (this.lingers) this.budgetMs = Math.min(longestMs, this.budgetMs * 2);
    else if (this.times++ % probeEvery === probeEvery - 1) this.budgetMs = longestMs;
    this.untilMs = nowMs + this.budgetMs;
    if (this.lingers) return;
    this.lingers = true;
    this.turnedAtMs = nowMs;
    this.soon(this.turned);
  }

  private readonly turned = (): void => {
    const nowMs = this.now();
    const isBusy = nowMs - this.turnedAtMs > busyMs;
    this.turnedAtMs = nowMs;
    if (!isBusy && nowMs < this.untilMs) return this.soon(this.turned);
    this.lingers = false;
    this.budgetMs = Math.max(shortestMs, this.budgetMs / 2);
  };
}
