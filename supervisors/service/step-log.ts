import type { ServiceStep } from "../../kernel/index.ts";
import type { Front } from "./front.ts";
import type { ReplaceStep } from "./protocol.ts";

/** The steps of one replacement, each with the time since the one before: told as events, and kept for the report. */
export class StepLog {
  readonly steps: ReplaceStep[] = [];
  readonly startedAtMs: number;
  private readonly front: Front;
  private lastAtMs: number;

  constructor(front: Front) {
    this.front = front;
    this.startedAtMs = front.nowMs;
    this.lastAtMs = this.startedAtMs;
  }

  /** `durationMs`: if it is not since the last step. */
  mark(step: ServiceStep, vm: number, durationMs: number = this.front.nowMs - this.lastAtMs): void {
    this.lastAtMs = this.front.nowMs;
    this.steps.push({ step, vm, durationMs });
    // A VM's end is told where it is waited for.
    if (step !== "stopped") this.front.events.tell(step, { vm, durationMs });
  }
}
