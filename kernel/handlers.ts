import type { Later } from "./caller.ts";
import type { Call, Cast } from "./message.ts";

/** Types only: how the protocol of an actor follows from the handlers that make it. */

// `never` in parameter position: any handler's own argument types are accepted, and inferred.
export type Handler<S> = (state: S, ...args: never[]) => unknown;
export type Info<S> = (state: S, message: never) => unknown;

// Any symbol: what a function returns is widened, and no other symbol can be an answer that travels.
type Settled<R> = R extends symbol ? (R extends Later<infer L> ? L : never) : R;

/** What the caller gets from what a handler returns: sync, async and generator handlers look the same from outside. */
export type Answer<R> = Settled<R extends Generator<unknown, infer T, unknown> ? T : Awaited<R>>;

export type CallsOf<C> = {
  [Op in keyof C & string]: C[Op] extends (state: never, ...args: infer A) => infer R
    ? Call<Op, A, Answer<R>>
    : never;
}[keyof C & string];

export type CastsOf<K> = {
  [Op in keyof K & string]: K[Op] extends (state: never, ...args: infer A) => unknown ? Cast<Op, A> : never;
}[keyof K & string];

/** `exit` and `down` are the kernel's: nobody sends them by hand. */
export type InfosOf<I> = {
  [T in Exclude<keyof I & string, "exit" | "down">]: I[T] extends (state: never, message: infer M) => unknown
    ? unknown extends M
      ? { readonly type: T }
      : M
    : never;
}[Exclude<keyof I & string, "exit" | "down">];

/** An omitted group is inferred as an index signature: then it has no operations. */
export type Given<G> = string extends keyof G ? {} : G;
