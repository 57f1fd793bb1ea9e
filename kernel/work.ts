import type { Cell } from "./cell.ts";
import { BLOCKED, DEAD, IDLE, READY, WAITING } from "./status.ts";
import { kernelError } from "./error-table.ts";
import { Wait } from "./wait.ts";

/** What to do with the value when a piece of work is done. `subject` is what it was begun for: a call, say. */
export type Done = (cell: Cell, value: unknown, subject: unknown) => void;

/**
 * A handler (or init, or the body of a process) that did not finish at once. While an actor has work it takes no other
 * message. `resume` may be called at any time, also when there is nothing to go on with.
 */
export interface Work {
  resume(cell: Cell): void;
}

export class GeneratorWork implements Work {
  private readonly generator: Iterator<unknown, unknown, unknown>;
  private readonly done: Done;
  private readonly subject: unknown;

  constructor(generator: Iterator<unknown, unknown, unknown>, done: Done, subject: unknown) {
    this.generator = generator;
    this.done = done;
    this.subject = subject;
  }

  resume(cell: Cell): void {
    const step = this.generator.next();
    if (step.done === true) {
      cell.work = null;
      this.done(cell, step.value, this.subject);
      return;
    }
    const wait = step.value;
    if (!(wait instanceof Wait)) {
      throw kernelError("NOT_A_WAIT", { actor: cell.ref.toString(), yielded: typeof wait });
    }
    if (cell.status === BLOCKED || cell.status === DEAD) return;
    // Out of budget with messages left: behind the others, not asleep.
    if (!wait.wakesOnMessage) cell.status = WAITING;
    else cell.status = cell.budget > 0 ? IDLE : READY;
  }
}

export class PromiseWork implements Work {
  private outcome: "open" | "done" | "failed" = "open";
  private value: unknown = undefined;
  private readonly done: Done;
  private readonly subject: unknown;

  constructor(cell: Cell, promise: PromiseLike<unknown>, done: Done, subject: unknown) {
    this.done = done;
    this.subject = subject;
    cell.kernel.promisesMoved = true;
    promise.then(
      (value) => this.settle(cell, "done", value),
      (error: unknown) => this.settle(cell, "failed", error),
    );
  }

  resume(cell: Cell): void {
    if (this.outcome === "open") {
      cell.receiving?.look();
      cell.status = cell.receiving === null ? WAITING : IDLE;
      return;
    }
    // An async handler sends between its awaits, where nothing can hold it: at its end, before the next message, it is held.
    if (cell.blockedOn?.carrier?.congested === true) {
      cell.status = BLOCKED;
      return;
    }
    cell.work = null;
    if (this.outcome === "failed") throw this.value;
    this.done(cell, this.value, this.subject);
  }

  get open(): boolean {
    return this.outcome === "open";
  }

  private settle(cell: Cell, outcome: "done" | "failed", value: unknown): void {
    // The late promise of a dead actor changes nothing.
    if (cell.work !== this) return;
    this.outcome = outcome;
    this.value = value;
    cell.kernel.schedule(cell);
  }
}

/** The work that a handler's result stands for, or null if it is a plain value. */
export function workOf(cell: Cell, result: unknown, done: Done, subject: unknown): Work | null {
  if (typeof result !== "object" || result === null) return null;
  if ("then" in result && typeof result.then === "function") {
    // Sound: an object with a `then` method is what `PromiseLike` means.
    return new PromiseWork(cell, result as PromiseLike<unknown>, done, subject);
  }
  if (Object.prototype.toString.call(result) === "[object Generator]") {
    return new GeneratorWork(result as Iterator<unknown, unknown, unknown>, done, subject);
  }
  return null;
}
