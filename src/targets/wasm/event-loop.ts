/**
 * Timers and immediates for a program inside QuickJS, which has none: what Node's event loop is elsewhere. It runs what is due when
 * its worker says so, and answers when it next wants to. Owns no clock. Callbacks may be added and removed from within callbacks.
 */
interface Entry {
  readonly id: number;
  readonly run: () => void;
  atMs: number;
  readonly everyMs: number | undefined;
}

export class EventLoop {
  private readonly now: () => number;
  private readonly failed: (problem: unknown) => void;
  private readonly timers = new Map<number, Entry>();
  private immediates: { readonly id: number; readonly run: () => void }[] = [];
  private readonly cancelled = new Set<number>();
  private ids = 0;

  /** `failed` hears of what a callback throws. */
  constructor(now: () => number, failed: (problem: unknown) => void) {
    this.now = now;
    this.failed = failed;
  }

  timer(run: () => void, delayMs: number, repeats: boolean): number {
    const id = ++this.ids;
    const periodMs = delayMs >= 1 ? delayMs : 1;
    this.timers.set(id, { id, run, atMs: this.now() + periodMs, everyMs: repeats ? periodMs : undefined });
    return id;
  }

  immediate(run: () => void): number {
    const id = ++this.ids;
    this.immediates.push({ id, run });
    return id;
  }

  clear(id: unknown): void {
    if (typeof id !== "number") return;
    if (!this.timers.delete(id) && this.immediates.some((each) => each.id === id)) this.cancelled.add(id);
  }

  /** Runs all that is due now, though not what that adds. When to come back, in ms from now: 0 for soon, -1 for never. */
  step(): number {
    const due = this.dueTimers();
    const { immediates } = this;
    this.immediates = [];
    for (const entry of due) {
      if (this.timers.get(entry.id) !== entry) continue;
      if (entry.everyMs === undefined) this.timers.delete(entry.id);
      else entry.atMs = this.now() + entry.everyMs;
      this.attempt(entry.run);
    }
    for (const { id, run } of immediates) if (!this.cancelled.delete(id)) this.attempt(run);
    return this.next();
  }

  attempt(run: () => void): void {
    try {
      run();
    } catch (problem) {
      this.failed(problem);
    }
  }

  private dueTimers(): readonly Entry[] {
    if (this.timers.size === 0) return [];
    const now = this.now();
    return [...this.timers.values()]
      .filter(({ atMs }) => atMs <= now)
      .sort((a, b) => a.atMs - b.atMs || a.id - b.id);
  }

  private next(): number {
    if (this.immediates.length > 0) return 0;
    if (this.timers.size === 0) return -1;
    let first = Infinity;
    for (const { atMs } of this.timers.values()) first = Math.min(first, atMs);
    return Math.max(0, first - this.now());
  }
}
