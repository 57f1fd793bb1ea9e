import type { Caller } from "./caller.ts";
import type { Self } from "./self.ts";

/**
 * What a server can do beside what every actor can: `this` in the handlers of `actor`, and the first argument of its `init`.
 *
 * Semantics: OTP `gen_server`.
 */
export interface ServerSelf<M> extends Self<M> {
  /**
   * In a call handler: keeps the caller, to be answered later or by another actor. Return its `later`, which tells what the
   * answer is. Throws `NO_CALLER` where no call is being handled.
   */
  caller<R>(): Caller<R>;
  /**
   * Runs `step` when the present handler (or init) is done and its reply is sent, before any message that waits (OTP:
   * `{continue, _}`). A step may be sync, async or a generator, and may have another follow it.
   */
  continueWith(step: () => unknown): void;
  /**
   * Runs the `timeout` handler if no message comes for `timeoutMs` after the present handler. Any message cancels it: a handler
   * that wants it again asks again (OTP: the time-out value that a callback returns). `Infinity` takes it back.
   */
  timeoutAfter(timeoutMs: number): void;
}
