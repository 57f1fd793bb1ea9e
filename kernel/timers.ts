import { kernelError } from "./error-table.ts";

/**
 * Time-outs of one VM. Most timers of a program share a few durations (the 5 s of every call), so timers of one duration
 * stand in one list, in order; setting and cancelling are O(1), and only the lists' heads are kept in a heap.
 *
 * Owns no clock: `fire` is told what time it is. Timers due at the same time fire in the order they were set.
 */
export abstract class Timer {
  expiresAtMs = 0;
  /** Order of setting, to decide between equal times. */
  setting = 0;
  list: TimerList | null = null;
  before: Timer | null = null;
  after: Timer | null = null;

  /** Called once, at or after its time, unless it was cancelled. */
  abstract expired(): void;

  /** Its owner has ended before it. Called once, instead of `expired`. */
  dropped(): void {}

  /** True while it is set and has not fired. */
  get pending(): boolean {
    return this.list !== null;
  }
}

class TimerList {
  readonly durationMs: number;
  first: Timer | null = null;
  last: Timer | null = null;
  /** Its place in the heap. */
  place = -1;

  constructor(durationMs: number) {
    this.durationMs = durationMs;
  }
}

export class Timers {
  private readonly lists = new Map<number, TimerList>();
  /** A binary heap on the time of each list's first timer. */
  private readonly heap: TimerList[] = [];
  private settings = 0;
  size = 0;

  /** When the next timer is due; `Infinity` if there is none. */
  get nextAtMs(): number {
    return this.heap[0]?.first?.expiresAtMs ?? Infinity;
  }

  /**
   * `nowMs` never goes back. Setting a pending timer again moves it. What is left of a time that is over already (a negative
   * duration) is 0. Throws `BAD_OPTION` for what is no number.
   */
  set(timer: Timer, nowMs: number, givenMs: number): void {
    if (typeof givenMs !== "number" || Number.isNaN(givenMs)) {
      throw kernelError("BAD_OPTION", { what: "duration", expected: "a number of ms", got: String(givenMs) });
    }
    if (timer.list !== null) this.cancel(timer);
    const durationMs = Math.max(0, givenMs);
    let list = this.lists.get(durationMs);
    if (list === undefined) {
      list = new TimerList(durationMs);
      this.lists.set(durationMs, list);
    }
    timer.expiresAtMs = nowMs + durationMs;
    timer.setting = ++this.settings;
    timer.list = list;
    timer.before = list.last;
    timer.after = null;
    if (list.last === null) list.first = timer;
    else list.last.after = timer;
    list.last = timer;
    this.size++;
    if (list.first === timer) this.enter(list);
  }

  /** False: it was not set, or has fired. */
  cancel(timer: Timer): boolean {
    const { list, before, after } = timer;
    if (list === null) return false;
    timer.list = null;
    timer.before = null;
    timer.after = null;
    this.size--;
    if (after === null) list.last = before;
    else after.before = before;
    if (before !== null) before.after = after;
    else {
      list.first = after;
      if (after === null) this.leave(list);
      else this.sink(list.place);
    }
    return true;
  }

  /** Fires what is due at `nowMs`. A timer set meanwhile fires in a later call, however short it is. */
  fire(nowMs: number): void {
    const newest = this.settings;
    for (;;) {
      const timer = this.heap[0]?.first;
      if (timer == null || timer.expiresAtMs > nowMs || timer.setting > newest) return;
      this.cancel(timer);
      timer.expired();
    }
  }

  private enter(list: TimerList): void {
    list.place = this.heap.length;
    this.heap.push(list);
    this.swim(list.place);
  }

  private leave(list: TimerList): void {
    const { place } = list;
    const moved = this.heap.pop();
    list.place = -1;
    this.lists.delete(list.durationMs);
    if (moved === undefined || moved === list) return;
    this.heap[place] = moved;
    moved.place = place;
    this.swim(place);
    this.sink(moved.place);
  }

  private earlier(a: number, b: number): boolean {
    const x = this.heap[a]?.first;
    const y = this.heap[b]?.first;
    if (x == null || y == null) return false;
    return x.expiresAtMs < y.expiresAtMs || (x.expiresAtMs === y.expiresAtMs && x.setting < y.setting);
  }

  private swim(from: number): void {
    for (let at = from; at > 0; ) {
      const up = (at - 1) >> 1;
      if (!this.earlier(at, up)) return;
      this.swap(at, up);
      at = up;
    }
  }

  private sink(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1;
      let least = at;
      if (this.earlier(left, least)) least = left;
      if (this.earlier(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(a: number, b: number): void {
    const x = this.heap[a] as TimerList;
    const y = this.heap[b] as TimerList;
    this.heap[a] = y;
    this.heap[b] = x;
    y.place = a;
    x.place = b;
  }
}
