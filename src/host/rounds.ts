/**
 * One timer for all that is to be looked at every so many ms: timers of their own would wake a host of ten thousand VMs thousands of
 * times a second, to find nothing. It keeps no process alive.
 */
export class Rounds {
  private readonly byPeriod = new Map<number, Round>();

  /**
   * Calls `look` every `periodMs`, for the first time within that. `late`: the last round was so long ago that the machine, or this very
   * thread, must have stood still. Returns how to leave.
   */
  join(periodMs: number, look: Look): () => void {
    let round = this.byPeriod.get(periodMs);
    if (round === undefined) {
      round = new Round(periodMs);
      this.byPeriod.set(periodMs, round);
    }
    const joined = round;
    joined.looks.add(look);
    return () => {
      if (!joined.looks.delete(look) || joined.looks.size > 0) return;
      joined.stop();
      this.byPeriod.delete(periodMs);
    };
  }
}

type Look = (nowMs: number, late: boolean) => void;

class Round {
  readonly looks = new Set<Look>();
  private readonly timer: NodeJS.Timeout;

  constructor(periodMs: number) {
    let lookedAtMs = performance.now();
    this.timer = setInterval(() => {
      const nowMs = performance.now();
      const late = nowMs - lookedAtMs > 2 * periodMs;
      lookedAtMs = nowMs;
      for (const look of this.looks) look(nowMs, late);
    }, periodMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
