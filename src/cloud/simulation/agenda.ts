/** Virtual time: what is to be done when, in order; of one moment, in the order in which it was planned. Owns the clock of a simulation. */
export class Agenda {
  nowMs = 0;
  private readonly times: number[] = [];
  private readonly numbers: number[] = [];
  private readonly works: (() => void)[] = [];
  private planned = 0;

  get size(): number {
    return this.works.length;
  }

  at(timeMs: number, work: () => void): void {
    this.times.push(Math.max(this.nowMs, timeMs));
    this.numbers.push(this.planned++);
    this.works.push(work);
    for (let place = this.works.length - 1; place > 0; ) {
      const above = (place - 1) >> 1;
      if (!this.isBefore(place, above)) return;
      this.swap(place, above);
      place = above;
    }
  }

  after(ms: number, work: () => void): void {
    this.at(this.nowMs + ms, work);
  }

  /** Does what is due up to then, or until `done` says so. */
  runUntil(timeMs: number, done: () => boolean = () => false): void {
    while (this.works.length > 0 && (this.times[0] ?? 0) <= timeMs) {
      if (done()) return;
      this.nowMs = this.times[0] ?? 0;
      this.take()();
    }
    if (!done()) this.nowMs = Math.max(this.nowMs, timeMs);
  }

  private take(): () => void {
    const first = this.works[0] ?? (() => {});
    const last = this.works.length - 1;
    this.swap(0, last);
    this.times.pop();
    this.numbers.pop();
    this.works.pop();
    for (let place = 0; ; ) {
      const left = 2 * place + 1;
      if (left >= last) return first;
      const least = left + 1 < last && this.isBefore(left + 1, left) ? left + 1 : left;
      if (!this.isBefore(least, place)) return first;
      this.swap(least, place);
      place = least;
    }
  }

  private isBefore(one: number, other: number): boolean {
    const [a = 0, b = 0] = [this.times[one], this.times[other]];
    return a < b || (a === b && (this.numbers[one] ?? 0) < (this.numbers[other] ?? 0));
  }

  private swap(one: number, other: number): void {
    const { times, numbers, works } = this;
    [times[one], times[other]] = [times[other] ?? 0, times[one] ?? 0];
    [numbers[one], numbers[other]] = [numbers[other] ?? 0, numbers[one] ?? 0];
    const work = works[one] ?? (() => {});
    works[one] = works[other] ?? (() => {});
    works[other] = work;
  }
}

/** Turns of one state machine in virtual time: the next one is at the earliest that was asked for. */
export class Pulse {
  private readonly agenda: Agenda;
  private readonly turn: () => number;
  private dueMs = Infinity;
  private stopped = false;
  private stalledUntilMs = 0;

  /** `turn` answers when it wants the next one. */
  constructor(agenda: Agenda, turn: () => number) {
    this.agenda = agenda;
    this.turn = turn;
  }

  by(wantedMs: number): void {
    const timeMs = Math.max(wantedMs, this.stalledUntilMs);
    if (timeMs >= this.dueMs || this.stopped) return;
    this.dueMs = timeMs;
    this.agenda.at(timeMs, () => {
      if (this.stopped || this.dueMs !== timeMs) return;
      this.dueMs = Infinity;
      // Timers are not finer.
      this.by(Math.max(this.agenda.nowMs + 1, this.turn()));
    });
  }

  /** It stands still, and goes on as if no time had passed. */
  stall(ms: number): void {
    const { dueMs } = this;
    this.stalledUntilMs = this.agenda.nowMs + ms;
    this.dueMs = Infinity;
    if (dueMs < Infinity) this.by(dueMs);
  }

  stop(): void {
    this.stopped = true;
  }
}
