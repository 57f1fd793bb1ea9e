import type { Board } from "../targets/board.ts";

/**
 * Notices a VM whose loop has stopped turning: an endless loop, a blocked thread. An idle VM does not turn by itself, so it is
 * poked now and then and has to show that it can, within the limit. A loop that hangs is thus noticed after one and a half times
 * the limit at the most.
 */
export class Watchdog {
  private readonly timer: NodeJS.Timeout;

  /** `saysBusy`: see `Target`. */
  constructor(board: Board, place: number, limitMs: number, wedged: () => void, saysBusy = false) {
    let turns = board.turnsOf(place);
    let lookedAtMs = performance.now();
    let seenAtMs = lookedAtMs;
    /** Since when it has owed a turn. */
    let pokedAtMs: number | undefined;
    const periodMs = Math.max(5, limitMs / 4);
    this.timer = setInterval(() => {
      const nowMs = performance.now();
      // Looked too late: the machine is starved, the host too, and what the VM did not do in that time says nothing.
      const late = nowMs - lookedAtMs > 2 * periodMs;
      lookedAtMs = nowMs;
      const turned = board.turnsOf(place);
      if (turned !== turns || late || (saysBusy && !board.isBusy(place))) {
        turns = turned;
        seenAtMs = nowMs;
        pokedAtMs = undefined;
      } else if (pokedAtMs === undefined) {
        if (nowMs - seenAtMs < limitMs / 2) return;
        pokedAtMs = nowMs;
        board.doorbell(place).ring();
      } else if (nowMs - pokedAtMs >= limitMs) {
        this.stop();
        wedged();
      }
    }, periodMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
