import { PendingCall, type CallMessage } from "./call.ts";
import type { Cell } from "./cell.ts";
import type { Address, Home } from "./ref.ts";
import type { CallFailure } from "./signal.ts";

/**
 * A call that an actor passes on to one in another VM, in its own name: the answer, or the failure, goes back to the one who
 * called it. It has no time-out of its own: the caller has, and gives up for both.
 */
export class RelayedCall extends PendingCall<unknown> {
  private readonly call: CallMessage;

  /** `call` is among the unanswered ones of `cell`. */
  constructor(cell: Cell, target: Address, call: CallMessage) {
    super(cell, target, call.op, Infinity);
    this.call = call;
    call.passedOn = this;
  }

  begin(): void {
    const { callee, call, cell, id } = this;
    const { kernel } = cell;
    const carrier = kernel.carrierTo(callee.home);
    if (carrier === undefined) return this.fail({ type: "exit", reason: "noconnection" });
    kernel.calls.set(id, this);
    try {
      carrier.call(callee.serial, cell.ref.serial, id, call.op, call.args);
    } catch {
      // The way on is full. The way it came by must not suffer for it.
      this.fail({ type: "refused", reason: "carrier_full" });
    }
  }

  /** Told once, when it is over; `failed`: the callee gave no answer. */
  protected over(_failed: boolean): void {}

  override answer(value: unknown): void {
    if (!this.open) return;
    super.answer(value);
    this.call.passedOn = null;
    try {
      this.call.reply(value);
    } catch {
      // It could not travel on, and the caller has been told so.
    }
    this.over(false);
  }

  override fail(failure: CallFailure): void {
    if (!this.open) return;
    super.answer(undefined);
    this.call.passedOn = null;
    this.call.fail(failure.type, failure.reason);
    this.over(true);
  }

  callerGone(): void {
    if (!this.open) return;
    this.giveUp();
    super.answer(undefined);
    this.call.passedOn = null;
    this.over(false);
  }

  /** The caller has given up, and its VM has said so. */
  forget(): void {
    this.call.forget();
  }

  isFor(home: Home, id: number): boolean {
    return this.call.isFrom(home, id);
  }
}
