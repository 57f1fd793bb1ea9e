import type { SimCarrier } from "./carrier.ts";
import type { Simulator } from "./simulator.ts";
import type { Random, Range } from "./random.ts";
import { Happening } from "./schedule.ts";

/**
 * One direction between two VMs: each record has a delay of its own, and none overtakes another. It may be held up for a while,
 * and broken for ever.
 */
export class Way extends Happening {
  private readonly simulator: Simulator;
  private readonly random: Random;
  private readonly range: Range;
  private readonly from: SimCarrier;
  private readonly to: SimCarrier;
  /** When each record under way may be read. */
  private due: number[] = [];
  private head = 0;
  private lastAtMs = 0;
  private delayMs: number;
  private heldUntilMs = 0;
  private broken = false;

  constructor(simulator: Simulator, random: Random, range: Range, from: SimCarrier, to: SimCarrier) {
    super();
    this.simulator = simulator;
    this.random = random;
    this.range = range;
    this.from = from;
    this.to = to;
    this.delayMs = random.between(range);
    from.channel.wrote = () => this.written();
  }

  /** Records that nobody has read. */
  get underWay(): number {
    return this.due.length - this.head + this.to.channel.let;
  }

  /** When the last record of now is there. */
  get emptyAtMs(): number {
    return Math.max(this.lastAtMs, this.heldUntilMs);
  }

  /** Nothing gets through until then; what is sent meanwhile waits, in order. */
  hold(untilMs: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, untilMs);
  }

  heal(): void {
    this.heldUntilMs = 0;
    if (!this.broken) this.next();
  }

  /** What is under way is lost. */
  break(): void {
    this.broken = true;
    this.due = [];
    this.head = 0;
    this.to.channel.let = 0;
    this.simulator.schedule.remove(this);
  }

  override happen(): void {
    const { simulator, to } = this;
    const { nowMs } = simulator;
    const readyAtMs = Math.max(this.heldUntilMs, to.vm.pausedUntilMs);
    if (readyAtMs > nowMs) return simulator.schedule.set(this, readyAtMs);
    while (this.head < this.due.length && (this.due[this.head] as number) <= nowMs) {
      this.head++;
      to.channel.let++;
    }
    if (this.head * 2 > this.due.length && this.head > 32) {
      this.due = this.due.slice(this.head);
      this.head = 0;
    }
    this.next();
    this.deliver();
  }

  /** Also after the receiver's turn, if it had too much before. */
  deliver(last = false): void {
    if (this.to.channel.let === 0 || this.broken) return;
    this.to.read(last);
    this.to.vm.noticePromises();
    this.from.flush();
  }

  /** All that is under way arrives now. */
  drain(): void {
    const { channel } = this.to;
    channel.let += this.due.length - this.head;
    this.head = this.due.length;
    while (channel.let > 0) {
      const before = channel.let;
      this.deliver(true);
      if (channel.let === before) return;
    }
  }

  private written(): void {
    if (this.broken) return;
    // One delay for several in a row: a burst.
    if (this.random.chance(1 / 4)) this.delayMs = this.random.between(this.range);
    this.lastAtMs = Math.max(this.lastAtMs, this.simulator.nowMs + this.delayMs);
    this.due.push(this.lastAtMs);
    if (this.place < 0) this.next();
  }

  private next(): void {
    const nextAtMs = this.due[this.head];
    if (nextAtMs !== undefined) this.simulator.schedule.set(this, Math.max(nextAtMs, this.simulator.nowMs));
  }
}
