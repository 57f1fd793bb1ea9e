import type { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import { crashOf, type ExitReason } from "./exit.ts";
import type { Call, made } from "./message.ts";
import { Address, type Home } from "./ref.ts";
import { control, type CallFailure } from "./signal.ts";
import { Wait } from "./wait.ts";

/**
 * Both ends of a call. A call is a message, a monitor and a one-shot address for the answer in one: the callee's side keeps
 * every unanswered call in a list of the callee, and answers with a failure when the callee dies; the caller's side drops
 * what comes after it has given up. So a late reply is never seen, and no mailbox ever holds one (OTP: `gen_server:call`).
 */
export class PendingCall<R> extends Wait<R> {
  readonly id: number;
  readonly callee: Address;
  readonly op: string;
  private readonly timeoutMs: number;
  /** The callee's side of it, if that is in this VM. */
  asked: CallMessage | null = null;

  constructor(caller: Cell, callee: Address, op: string, timeoutMs: number) {
    super(caller);
    const { kernel } = caller;
    this.timeoutMs = timeoutMs;
    this.id = kernel.nextId();
    this.callee = callee;
    this.op = op;
    caller.callsOpen++;
    if (timeoutMs === Infinity) caller.own(this);
    else this.within(timeoutMs);
  }

  answer(value: unknown): void {
    this.close();
    this.settle(true, value);
  }

  fail(failure: CallFailure): void {
    const { callee, op } = this;
    this.failWith(
      failure.type === "exit"
        ? kernelError("CALL_EXIT", { callee: callee.toString(), op, reason: failure.reason })
        : failure.type === "refused"
          ? kernelError("CALL_REFUSED", { callee: callee.toString(), op, reason: failure.reason })
          : kernelError("CALL_UNKNOWN_OP", { callee: callee.toString(), op }),
    );
  }

  failWith(error: unknown): void {
    this.close();
    this.settle(false, error);
  }

  override expired(): void {
    const { callee, op } = this;
    this.giveUp();
    this.failWith(kernelError("CALL_TIMEOUT", { callee: callee.toString(), op, timeoutMs: this.timeoutMs }));
  }

  override dropped(): void {
    this.giveUp();
  }

  /** The callee's side may forget the call, so that it keeps nothing for a caller that hears nothing any more. */
  protected giveUp(): void {
    const { callee, cell, id } = this;
    this.asked?.forget();
    if (cell.kernel.calls.delete(id))
      callee.home.carrier?.control(control.cancelCall, callee.serial, cell.ref.serial, id, undefined);
  }

  private close(): void {
    if (!this.open) return;
    this.cell.callsOpen--;
    this.cell.kernel.calls.delete(this.id);
  }
}

/** A call in the callee's VM, from its arrival until it is answered. */
export abstract class CallMessage implements Call<string, readonly unknown[], unknown> {
  declare readonly [made]: true;
  readonly type = "$call";
  readonly op: string;
  readonly args: readonly unknown[];
  /** The callee while unanswered: then this is in its list. */
  private callee: Cell | null = null;
  private before: CallMessage | null = null;
  private after: CallMessage | null = null;
  /** Who has passed it on to yet another actor, and is told when the caller gives up. */
  passedOn: { callerGone(): void } | null = null;

  constructor(op: string, args: readonly unknown[]) {
    this.op = op;
    this.args = args;
  }

  /** Who asks. */
  abstract readonly from: Address;

  protected abstract answer(ok: boolean, value: unknown): void;

  /** It was not answered yet, and somebody there can still hear it. */
  get waiting(): boolean {
    return this.callee !== null;
  }

  /** Answers the caller. Only the first answer counts. */
  reply(value: unknown): void {
    if (this.leave()) this.answer(true, value);
  }

  fail(type: CallFailure["type"], reason: ExitReason): void {
    if (this.leave()) this.answer(false, { type, reason } satisfies CallFailure);
  }

  /** The caller has given up: nothing is answered any more. */
  forget(): void {
    if (this.leave()) this.passedOn?.callerGone();
  }

  enter(callee: Cell): void {
    this.callee = callee;
    this.after = callee.unanswered;
    if (callee.unanswered !== null) callee.unanswered.before = this;
    callee.unanswered = this;
  }

  private leave(): boolean {
    const { callee, before, after } = this;
    if (callee === null) return false;
    this.callee = null;
    if (before === null) callee.unanswered = after;
    else before.after = after;
    if (after !== null) after.before = before;
    this.before = null;
    this.after = null;
    return true;
  }

  /** True for a call from that VM; `id` is what a `cancelCall` names. */
  abstract isFrom(home: Home, id?: number): boolean;

  /** The callee's unanswered calls, newest first. */
  static *of(callee: Cell): Iterable<CallMessage> {
    for (let call = callee.unanswered; call !== null; ) {
      const { after } = call;
      yield call;
      call = after;
    }
  }
}

export class LocalCall extends CallMessage {
  private readonly pending: PendingCall<unknown>;

  constructor(pending: PendingCall<unknown>, args: readonly unknown[]) {
    super(pending.op, args);
    this.pending = pending;
    pending.asked = this;
  }

  override get from(): Address {
    return this.pending.cell.ref;
  }

  protected override answer(ok: boolean, value: unknown): void {
    if (ok) this.pending.answer(value);
    else this.pending.fail(value as CallFailure);
  }

  override isFrom(): boolean {
    return false;
  }
}

export class RemoteCall extends CallMessage {
  private readonly home: Home;
  private readonly caller: number;
  private readonly id: number;

  constructor(home: Home, caller: number, id: number, op: string, args: readonly unknown[]) {
    super(op, args);
    this.home = home;
    this.caller = caller;
    this.id = id;
  }

  override get from(): Address {
    return new Address(this.home, this.caller, null);
  }

  protected override answer(ok: boolean, value: unknown): void {
    const { carrier } = this.home;
    try {
      carrier?.reply(this.id, ok, value);
    } catch (refused) {
      // An answer that cannot travel is the callee's mistake: the caller hears of it now, and the callee crashes with it.
      carrier?.reply(this.id, false, { type: "exit", reason: crashOf(refused) } satisfies CallFailure);
      if (ok) throw refused;
    }
  }

  override isFrom(home: Home, id: number = this.id): boolean {
    return this.home === home && this.id === id;
  }
}
