import { Kernel, type Cell, type ExitReason } from "../../kernel/index.ts";
import { TestPlatform } from "../support/test-platform.ts";

/** Who is told of every death: at its beginning, before those that die with it, and with its reason when it is done. */
export interface DeathWatch {
  dies(cell: Cell): void;
  died(cell: Cell, reason: ExitReason): void;
}

/** A kernel on virtual time whose deaths are traced, as `erlang:trace` did for the recordings. */
export class TracedKernel extends Kernel {
  readonly testPlatform: TestPlatform;
  private readonly deaths: DeathWatch;

  constructor(watch: DeathWatch) {
    const platform = new TestPlatform();
    super(platform, { vm: 1, development: true });
    this.testPlatform = platform;
    this.deaths = watch;
  }

  override forget(cell: Cell): void {
    this.deaths.dies(cell);
    super.forget(cell);
  }

  override ended(cell: Cell, reason: ExitReason): void {
    this.deaths.died(cell, reason);
    super.ended(cell, reason);
  }

  /** Runs all that is ready, at this moment of virtual time. */
  runReady(): void {
    while (this.turn() === 0);
  }

  /** Moves time to the next timer. False: none is set. */
  toNextTimer(): boolean {
    const { nextAtMs } = this.timers;
    if (nextAtMs === Infinity) return false;
    this.testPlatform.nowMs = Math.max(this.testPlatform.nowMs, nextAtMs);
    return true;
  }
}
