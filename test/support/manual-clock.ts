/** Time that a test moves: for what holds timers of its own. */
import type { Clock } from "../../transports/index.ts";

interface Timer {
  atMs: number;
  readonly periodMs: number;
  readonly call: () => void;
}

export class ManualClock implements Clock {
  private nowMs = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.nowMs;
  }

  every(periodMs: number, tick: () => void): () => void {
    return this.add({ atMs: this.nowMs + periodMs, periodMs, call: tick });
  }

  after(delayMs: number, then: () => void): () => void {
    return this.add({ atMs: this.nowMs + delayMs, periodMs: 0, call: then });
  }

  /** Timers that would still fire. */
  get pending(): number {
    return this.timers.size;
  }

  advance(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = [...this.timers].sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > end) break;
      this.nowMs = next.atMs;
      if (next.periodMs > 0) next.atMs += next.periodMs;
      else this.timers.delete(next);
      next.call();
    }
    this.nowMs = end;
  }

  private add(timer: Timer): () => void {
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }
}
