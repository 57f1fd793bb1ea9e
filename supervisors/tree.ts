import { cellOf, type Cell, type ExitReason } from "../kernel/index.ts";
import type { CheckedFlags } from "./check-options.ts";
import { CrashLoop } from "./crash-loop.ts";
import { counted, type Intensity } from "./intensity.ts";
import { RetryMessage, type SupervisorSelf } from "./retry.ts";
import type { Task } from "./start-child.ts";

/** `give_up`: the supervisor stops its children and ends with `shutdown`. */
export type Next = "go_on" | "give_up";

/** What a call is answered with; undefined if there is no such operation. */
export type Answer = object | undefined;

/**
 * What both kinds of supervisors have in common: the restart window, reports, retries. `supervise` is what runs it.
 */
export abstract class Tree {
  /** The call that tells of all its children. */
  readonly which: string = "whichChildren";
  protected readonly self: SupervisorSelf;
  protected readonly cell: Cell;
  private readonly flags: CheckedFlags;
  private restarts: readonly number[] = [];
  private readonly crashLoop: CrashLoop;

  constructor(self: SupervisorSelf, flags: CheckedFlags) {
    this.self = self;
    this.cell = cellOf(self);
    this.flags = flags;
    this.crashLoop = new CrashLoop(flags.crashLoopAfter);
  }

  abstract readonly kind: "static" | "dynamic";

  get intensity(): Intensity {
    return this.flags.intensity;
  }

  /** Starts what is to be started; the result is what the one who started the supervisor is told. */
  abstract begin(): Task<object>;
  abstract ended(child: string, reason: ExitReason): Task<Next>;
  abstract retry(key: string | number): Task<Next>;
  abstract answer(op: string, args: readonly unknown[]): Task<Answer>;
  /** Stops all children. */
  abstract stop(): Task<void>;

  /** The words are those of OTP's reports. */
  report(report: string, child: string, reason: ExitReason): void {
    const { kernel, ref } = this.cell;
    kernel.report({ type: "supervisor", supervisor: ref.toString(), child, report, reason });
  }

  /** Counts a restart; false if it is one too many. */
  protected mayRestart(child: string, reason: ExitReason): boolean {
    const { intensity } = this.flags;
    const nowMs = this.self.now();
    this.restarts = counted(this.restarts, nowMs, intensity.withinMs);
    if (this.restarts.length > intensity.restarts) {
      this.report("shutdown", child, "reached_max_restart_intensity");
      return false;
    }
    if (this.crashLoop.restarted(child, nowMs)) this.report("crash_loop", child, reason);
    return true;
  }

  protected forget(child: string): void {
    this.crashLoop.forget(child);
  }

  protected retryAfter(key: string | number, delayMs: number): void {
    const { self } = this;
    if (delayMs > 0) self.sendAfter(delayMs, self.ref, new RetryMessage(key));
    else self.send(self.ref, new RetryMessage(key));
  }
}
