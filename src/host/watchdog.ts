import type { Board } from "../targets/board.ts";
import type { Rounds } from "./rounds.ts";

/**
 * Notices a VM whose loop has stopped turning: an endless loop, a blocked thread. An idle VM does not turn by itself, so it is
 * poked now and then and has to show that it can, within the limit. A loop that hangs is thus noticed after one and a half times
 * the limit at the most.
 */
export class Watchdog {
  readonly stop: () => void;
  /** It is held: that it does not turn says nothing. */
  excused = false;

  /** `saysBusy`: see `Target`. */
  constructor(
    rounds: Rounds,
    board: Board,
    place: number,
    limitMs: number,
    wedged: () => void,
    saysBusy = false,
  ) {
    let turns = board.turnsOf(place);
    let seenAtMs = performance.now();
    /** Since when it has owed a turn. */
    let pokedAtMs: number | undefined;
    this.stop = rounds.join(Math.max(5, limitMs / 4), (nowMs, late) => {
      const turned = board.turnsOf(place);
      // Looked too late: the machine is starved, the host too, and what the VM did not do in that time says nothing.
      if (turned !== turns || late || this.excused || (saysBusy && !board.isBusy(place))) {
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
    });
  }
}
