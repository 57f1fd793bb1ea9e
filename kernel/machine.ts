import type { Definition } from "./behavior.ts";
import type { Down, Exit } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import type { CallsOf, CastsOf, Given, Handler, Info, InfosOf } from "./handlers.ts";
import { MachineBehavior, type MachineProgram } from "./machine-behavior.ts";
import type { AnyState } from "./machine-engine.ts";
import type { MachineSelf, MachineStart } from "./machine-self.ts";
import type { MailboxOptions } from "./mailbox.ts";
import type { ignore } from "./start.ts";
import type { Wait } from "./wait.ts";

/** What a state does with events. `D` is its data, `S` any state with its data. */
interface StateSpec<D, S extends AnyState, T extends string, N extends string> {
  /** When the machine comes into this state, also the first: sets time-outs, say. It cannot change the state. */
  readonly enter?: (data: D, from: S["state"]) => unknown;
  readonly call?: Readonly<Record<string, Handler<D>>>;
  readonly cast?: Readonly<Record<string, Handler<D>>>;
  readonly info?: Readonly<Record<string, Info<D>>> & {
    readonly exit?: (data: D, message: Exit) => unknown;
    readonly down?: (data: D, message: Down) => unknown;
  };
  /** Events of its own, by `this.raise`. */
  readonly internal?: { readonly [K in N]?: (data: D) => unknown };
  readonly stateTimeout?: (data: D) => unknown;
  readonly eventTimeout?: (data: D) => unknown;
  readonly timeout?: { readonly [K in T]?: (data: D) => unknown };
}

type Of<S, K> = Extract<S, { readonly state: K }>;
type StateSpecs<S extends AnyState, T extends string, N extends string> = {
  readonly [K in S["state"]]: StateSpec<Of<S, K>, S, T, N>;
};

type GroupOf<H, G extends string> = H extends { readonly [K in G]: infer V } ? Given<V> : {};
type EventsOf<H> = CallsOf<GroupOf<H, "call">> | CastsOf<GroupOf<H, "cast">> | InfosOf<GroupOf<H, "info">>;

/** The protocol of a machine: what any of its states takes. */
export type MachineProtocol<H, X> = { [K in keyof H]: EventsOf<H[K]> }[keyof H] | EventsOf<X>;

type Initial<S> =
  | S
  | typeof ignore
  | PromiseLike<S | typeof ignore>
  | Generator<Wait<unknown>, S | typeof ignore, unknown>;

export interface MachineSpec<
  S extends AnyState,
  P,
  A extends readonly unknown[],
  H,
  X,
  T extends string,
  N extends string,
> {
  /** For logs and crash reports. Default: `machine`. */
  readonly label?: string;
  readonly mailbox?: MailboxOptions;
  /** The names of its named time-outs, if it has any. Before `init`. */
  readonly timeouts?: readonly T[];
  /** The names of events of its own, if it has any. Before `init`. */
  readonly internal?: readonly N[];
  /** Makes the first state. Before `states`, with its result annotated: that is the union of all states. */
  readonly init: (self: MachineStart<P, T, N>, ...args: A) => Initial<S>;
  /** One entry a state. */
  readonly states: H & { readonly [K in Exclude<keyof H, S["state"]>]: never };
  /** Takes the events that the present state has no handler for. */
  readonly any?: X;
  /** What of its state a crash report and `sys` may show, also outside of development. */
  readonly format?: (state: NoInfer<S>) => unknown;
  /** Its last words, as in `actor`. */
  readonly terminate?: (state: NoInfer<S>, reason: ExitReason) => unknown;
}

type Covered<P, M, D> = [P] extends [M]
  ? D
  : { readonly "self is annotated with messages that no state takes": Exclude<P, M> };

/**
 * An actor as a state machine (OTP: `gen_statem`): a discriminated union of states, each with data and handlers of its own.
 * Handlers are as in `actor`: what a call handler returns is the reply; `this` is the machine's `MachineSelf`, by which they
 * change the state, postpone events and set time-outs. An event that the present state has no handler for goes to `any`, then is
 * refused (a call) or reported. What two states take under one name should have the same type.
 *
 * Throws, in the handler that asks for it, `UNKNOWN_STATE` and `BAD_TRANSITION`.
 *
 * @example
 * type Door = { state: "locked"; code: string } | { state: "open"; code: string };
 * const door = machine({
 *   init: (_self, code: string): Door => ({ state: "locked", code }),
 *   states: {
 *     locked: {
 *       call: {
 *         unlock(data, code: string) {
 *           if (code !== data.code) return false;
 *           this.to({ state: "open", code });
 *           return true;
 *         },
 *       },
 *     },
 *     open: {
 *       enter() { this.stateTimeout(10_000); },
 *       stateTimeout(data) { this.to({ state: "locked", code: data.code }); },
 *     },
 *   },
 * });
 */
export function machine<
  S extends AnyState,
  A extends readonly unknown[],
  H extends StateSpecs<S, T, N>,
  X extends StateSpec<S, S, T, N>,
  const T extends string = never,
  const N extends string = never,
>(
  spec: MachineSpec<S, never, A, H, X, T, N> & ThisType<MachineSelf<never, S, T, N>>,
): Definition<A, MachineProtocol<H, X>, object>;
export function machine<
  S extends AnyState,
  A extends readonly unknown[],
  H extends StateSpecs<S, T, N>,
  P,
  X extends StateSpec<S, S, T, N>,
  const T extends string = never,
  const N extends string = never,
>(
  spec: MachineSpec<S, P, A, H, X, T, N> & ThisType<MachineSelf<P, S, T, N>>,
): Covered<P, MachineProtocol<H, X>, Definition<A, MachineProtocol<H, X>, object>>;
export function machine(spec: unknown): unknown {
  // Sound: from here on only the kernel calls these functions, with what the types above made callers give.
  return new MachineBehavior(spec as MachineProgram);
}
