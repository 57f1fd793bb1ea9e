import type { Caller, Later } from "./caller.ts";
import type { Self } from "./self.ts";

/** What the init of a machine can do beside what every actor can. `T`: its named time-outs, `N`: its own events. */
export interface MachineStart<M, T extends string, N extends string> extends Self<M> {
  /**
   * The `stateTimeout` handler runs if the state has not changed for so long. A change of state cancels it. Setting any time-out
   * again moves it, `Infinity` takes it back, 0 comes before all that is not in the machine yet.
   */
  stateTimeout(timeoutMs: number): void;
  /** The `eventTimeout` handler runs if no event of any kind comes for so long. */
  eventTimeout(timeoutMs: number): void;
  /** The handler `timeout[name]` of the state that it is in then runs after so long, whatever comes meanwhile. */
  timeout(name: T, timeoutMs: number): void;
  /** Inserts an event of its own, to be handled next, before all that waits (OTP: `{next_event, internal, _}`). */
  raise(event: N): void;
}

/**
 * What a machine can do in its handlers, as `this`. What is asked for takes effect when the handler is done.
 *
 * Semantics: OTP `gen_statem`.
 */
export interface MachineSelf<M, S, T extends string, N extends string> extends MachineStart<M, T, N> {
  /** The next state with its data; said twice, the last one counts. The same state again only replaces the data. */
  to(next: S): void;
  /** Runs the `enter` of the present state again. Nothing postponed is retried. */
  repeat(): void;
  /** The event comes again after the next change of state, oldest first. A call stays unanswered: return what this returns. */
  postpone(): Later<never>;
  /** In a call handler: keeps the caller, to be answered later or by another actor. Return its `later`. */
  caller<R>(): Caller<R>;
}
