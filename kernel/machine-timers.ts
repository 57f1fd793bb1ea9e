import type { Cell } from "./cell.ts";
import type { Message } from "./message.ts";
import { Timer } from "./timers.ts";

/** `state`, `event`, or `name:` and the name of one. */
export type TimeoutKey = "state" | "event" | `name:${string}`;

/** One time-out of a machine: set, then in its mailbox, until it is handled or cancelled. */
class MachineTimer extends Timer {
  readonly key: TimeoutKey;
  private readonly cell: Cell;

  constructor(cell: Cell, key: TimeoutKey) {
    super();
    this.cell = cell;
    this.key = key;
  }

  override expired(): void {
    this.cell.disown(this);
    this.cell.kernel.deliverAlways(this.cell, new TimeoutEvent(this));
  }

  cancel(): void {
    this.cell.disown(this);
    this.cell.kernel.timers.cancel(this);
  }

  start(timeoutMs: number): void {
    const { kernel } = this.cell;
    this.cell.own(this);
    kernel.timers.set(this, kernel.platform.now(), timeoutMs);
    kernel.rearm();
  }
}

/** A time-out as an event. */
export class TimeoutEvent implements Message {
  readonly type: string;
  readonly timer: MachineTimer;

  constructor(timer: MachineTimer) {
    this.type = timer.key.startsWith("name:") ? `timeout ${timer.key.slice(5)}` : `${timer.key} time-out`;
    this.timer = timer;
  }
}

/**
 * The time-outs of one machine, at most one of each key. One of 0 ms needs no timer: it comes when nothing else is queued
 * within the machine, before any message, in the order they were set.
 *
 * Semantics: OTP `gen_statem`, "Time-Outs".
 */
export class MachineTimers {
  private readonly cell: Cell;
  private readonly armed = new Map<TimeoutKey, MachineTimer>();
  private readonly zero: MachineTimer[] = [];

  constructor(cell: Cell) {
    this.cell = cell;
  }

  set(key: TimeoutKey, timeoutMs: number): void {
    this.cancel(key);
    if (timeoutMs === Infinity) return;
    const timer = new MachineTimer(this.cell, key);
    this.armed.set(key, timer);
    if (timeoutMs > 0) timer.start(timeoutMs);
    else this.zero.push(timer);
  }

  cancel(key: TimeoutKey): void {
    const timer = this.armed.get(key);
    if (timer === undefined) return;
    this.armed.delete(key);
    timer.cancel();
    const at = this.zero.indexOf(timer);
    if (at >= 0) this.zero.splice(at, 1);
  }

  /** The next one of 0 ms. */
  due(): TimeoutEvent | undefined {
    const timer = this.zero.shift();
    return timer === undefined ? undefined : new TimeoutEvent(timer);
  }

  /** Takes it as an event now. False: it was cancelled or set anew while it was on its way. */
  takes({ timer }: TimeoutEvent): boolean {
    return this.armed.get(timer.key) === timer && this.armed.delete(timer.key);
  }
}
