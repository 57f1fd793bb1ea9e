import type { CallMessage } from "./call.ts";
import { kernelError } from "./error-table.ts";
import type { ExitReason } from "./exit.ts";

declare const answers: unique symbol;

/** A call handler may return this: the answer comes later, or from elsewhere (OTP: `noreply`). */
export const noreply: unique symbol = Symbol("motes.noreply");

/** As `noreply`, and says what the answer will be: what a call handler that keeps its caller returns. */
export type Later<R> = typeof noreply & {
  /** Type level only. */
  readonly [answers]: (value: R) => void;
};

/**
 * Someone who waits for an answer: kept by a call handler with `this.caller()`, answered later or by another actor of this VM
 * (OTP: `From` and `gen_server:reply/2`). Only the first answer counts; a caller that has given up hears nothing. It is owned by
 * the actor that was asked: when that one ends before an answer, the caller hears of its end, whoever holds this. It cannot
 * travel to another VM.
 *
 * @example
 * call: { take(state) { const caller = this.caller<Job>(); state.waiting.push(caller); return caller.later; } },
 * cast: { put: (state, job: Job) => { state.waiting.shift()?.reply(job); } },
 */
export class Caller<R> {
  /** To be returned by the handler: it makes `R` the type of the call's answer. */
  // Sound: at run time it is `noreply`; the brand is type level only.
  readonly later: Later<R> = noreply as Later<R>;
  private readonly message: CallMessage;

  constructor(message: CallMessage) {
    this.message = message;
  }

  /** False once it was answered, has given up where that is known, or the actor that was asked has ended. */
  get waiting(): boolean {
    return this.message.waiting;
  }

  reply(value: R): void {
    this.message.reply(value);
  }

  /** The caller's call fails with `CALL_EXIT` and this reason. */
  fail(reason: ExitReason): void {
    this.message.fail("exit", reason);
  }
}

/** Throws `NO_CALLER` where no call is being handled. */
export function callerOf<R>(handling: CallMessage | null, actor: string): Caller<R> {
  if (handling === null) throw kernelError("NO_CALLER", { actor });
  return new Caller<R>(handling);
}
