import type { Cell } from "./cell.ts";
import { IDLE, READY, RUNNING } from "./status.ts";
import { Timer } from "./timers.ts";
import { workOf, type Work } from "./work.ts";

/** What is to run before the next message. */
export type Step = () => unknown;

/**
 * What a server has to do beside its messages: steps that come before any queued message, and a time-out for when none comes.
 * Made at first use. It is the actor's work for as long as there is anything on it, so that an actor without pays nothing.
 *
 * Semantics: OTP `gen_server`, `{continue, _}` and the time-out value of its callbacks.
 */
export class Agenda extends Timer implements Work {
  private readonly cell: Cell;
  private readonly steps: Step[] = [];
  /** `Infinity`: none is asked for. */
  private timeoutMs = Infinity;
  private timedOut = false;

  constructor(cell: Cell) {
    super();
    this.cell = cell;
  }

  /** Behind the steps that are there already: so a step may have another follow it. */
  add(step: Step): void {
    this.steps.push(step);
    this.proceed();
  }

  /** Counts from the end of the present handler and of the steps that follow it. */
  timeoutAfter(timeoutMs: number): void {
    this.forgetTimeout();
    this.timeoutMs = timeoutMs;
    this.proceed();
  }

  /** After a handler: what is on the agenda comes before the next message. */
  proceed(): void {
    const { cell } = this;
    if (this.steps.length === 0 && this.timeoutMs === Infinity) return;
    // While a handler waits for something, its work is in this place: it comes here again when it is done.
    if (cell.work !== null || cell.stopping !== null || cell.finishing) return;
    cell.work = this;
    if (cell.status === RUNNING) cell.status = READY;
    else if (cell.status === IDLE) cell.kernel.schedule(cell);
  }

  resume(cell: Cell): void {
    const step = this.steps.shift();
    if (cell.stopping !== null) this.leave(cell);
    else if (step !== undefined) this.perform(cell, step);
    else if (cell.mailbox.count > 0) {
      // Any message cancels it (OTP), also one that came at the very moment.
      this.forgetTimeout();
      cell.work = null;
    } else if (this.timedOut || this.timeoutMs <= 0) {
      this.forgetTimeout();
      this.perform(cell, () => cell.behavior.timeout(cell));
    } else this.wait(cell);
  }

  override expired(): void {
    this.cell.disown(this);
    this.timedOut = true;
    this.cell.kernel.schedule(this.cell);
  }

  private perform(cell: Cell, step: Step): void {
    cell.work = null;
    const work = workOf(cell, step(), performed, undefined);
    if (work === null) this.proceed();
    else cell.follow(work);
  }

  private wait(cell: Cell): void {
    const { kernel } = cell;
    if (!this.pending) {
      cell.own(this);
      kernel.timers.set(this, kernel.platform.now(), this.timeoutMs);
      kernel.rearm();
    }
    cell.status = IDLE;
  }

  private leave(cell: Cell): void {
    this.forgetTimeout();
    this.steps.length = 0;
    cell.work = null;
    cell.status = IDLE;
  }

  private forgetTimeout(): void {
    this.timeoutMs = Infinity;
    this.timedOut = false;
    this.cell.disown(this);
    this.cell.kernel.timers.cancel(this);
  }
}

function performed(cell: Cell): void {
  cell.agenda?.proceed();
}
