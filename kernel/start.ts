import type { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import { isOrderly, type ExitReason } from "./exit.ts";
import { refTo, type Ref } from "./ref.ts";
import { Wait } from "./wait.ts";

/** What `start` gives: the address, and what the started one has to say (a supervisor: its children). */
export type Started<M, Info> = { readonly ref: Ref<M> } & Info;

/** The one who waits for what a new actor becomes: told exactly one of these, once. */
export interface Starting {
  succeed(info: object): void;
  ignored(): void;
  failed(reason: ExitReason): void;
}

/** An init may return this instead of a state: the actor does not start, and that is no failure (OTP: `ignore`). */
export const ignore: unique symbol = Symbol("motes.ignore");

/**
 * Waits until a new actor has finished its init (OTP: `start_link`). The link is there from the first moment; an actor that
 * fails to start is unlinked again, so that the one who started it gets the error and no exit signal beside it.
 */
export class StartWait extends Wait<Started<never, unknown>> implements Starting {
  protected readonly child: Cell;

  constructor(parent: Cell, child: Cell) {
    super(parent);
    this.child = child;
    child.starting = this;
    parent.own(this);
  }

  override expired(): void {}

  succeed(info: object): void {
    this.child.starting = null;
    this.settle(true, { ref: refTo<never>(this.child.ref), ...info });
  }

  ignored(): void {
    this.fail(kernelError("START_IGNORED", { what: this.child.behavior.label }));
  }

  failed(reason: ExitReason): void {
    this.fail(kernelError("START_FAILED", { what: this.child.behavior.label, reason }));
  }

  private fail(error: unknown): void {
    this.child.starting = null;
    this.cell.bonds?.links.delete(this.child.ref);
    this.child.bonds?.links.delete(this.cell.ref);
    this.settle(false, error);
  }
}

/** A start that ends before its time was up to say so. */
export function endedBeforeReady(start: Starting, reason: ExitReason, ignoring: boolean): void {
  if (ignoring && isOrderly(reason)) start.ignored();
  else start.failed(reason);
}
