/**
 * Notices a child that is restarted again and again within its supervisor's budget, so that an operator hears of it. Pure but
 * for its own record. Off (`after` is `Infinity`) it keeps nothing.
 */
const windowMs = 60_000;

export class CrashLoop {
  private readonly after: number;
  private readonly times = new Map<string, readonly number[]>();

  constructor(after: number) {
    this.after = after;
  }

  /** True if this restart is at least the `after`-th of this child within a minute. */
  restarted(child: string, nowMs: number): boolean {
    if (this.after === Infinity) return false;
    const recent = [...(this.times.get(child) ?? []).filter((at) => at > nowMs - windowMs), nowMs];
    this.times.set(child, recent.slice(-this.after));
    return recent.length >= this.after;
  }

  forget(child: string): void {
    this.times.delete(child);
  }
}
