import { behaviorOf, type Definition, type Ref } from "../kernel/index.ts";
import { Spec, type ShutdownTime } from "./child-spec.ts";

/**
 * An application: a part of a program with a name, the actor on its top, and the applications that it needs. A value without a
 * life: `applications` starts it, after all that it needs. It is checked when it is started (`start-order.ts`).
 *
 * Semantics: OTP `application`, its start types and the `applications` key. No environment, start phases or takeover.
 */
declare const types: unique symbol;

/**
 * What the end of a running application means. `permanent`: all others are stopped, and the one who started them ends.
 * `transient`: so it is, unless its reason is `normal` (as in OTP, `shutdown` is not). `temporary`: it is only reported.
 */
export type StartType = "permanent" | "transient" | "temporary";

export interface ApplicationOptions<D extends AnyApplication> {
  /** The applications that must run before it starts: the values, so that no name can be misspelt. Default: none. */
  readonly needs?: readonly D[];
  /** Default: `permanent`, as in an OTP release. */
  readonly type?: StartType;
  /** The time of its top actor to end after the exit signal `shutdown`. Default: 5000 ms; for a supervisor `"infinity"`. */
  readonly shutdown?: ShutdownTime;
}

/** Any application: what a list of them holds. */
export interface AnyApplication {
  readonly name: string;
  readonly [types]: unknown;
}

/** The application `N`, whose top actor has the protocol `M`, and which needs those of `D`. Made by `application`. */
export interface Application<out N extends string, in out M, out D extends AnyApplication = never>
  extends AnyApplication {
  readonly name: N;
  /** Type level only. */
  readonly [types]: { readonly m: (m: M) => M; readonly needs: D };
}

/** With all that they need, and what that needs. */
type WithNeeds<A extends AnyApplication> =
  A extends Application<string, infer _M, infer D> ? A | WithNeeds<D> : never;

type TopOf<A> = A extends { readonly [types]: { readonly m: (m: infer M) => unknown } } ? Ref<M> : never;

/** The addresses of the top actors, by name. */
export type TopsOf<A extends AnyApplication> = { readonly [E in A as E["name"]]: TopOf<E> };

/** The addresses of all that is started where `A` are asked for. */
export type StartedTops<A extends AnyApplication> = TopsOf<WithNeeds<A>>;

/** What `application` makes, at run time. Options are whatever the caller gave: they are checked at start. */
export class Declared {
  readonly name: string;
  readonly options: ApplicationOptions<AnyApplication>;
  readonly spec: Spec;

  constructor(name: string, spec: Spec, options: ApplicationOptions<AnyApplication>) {
    this.name = name;
    this.spec = spec;
    this.options = options;
  }
}

export const declaredOf = (value: unknown): Declared | undefined =>
  value instanceof Declared ? value : undefined;

/**
 * Declares an application: its name, and its top actor (mostly a supervisor) with arguments, which may be made from the
 * addresses of what it needs. Throws `BAD_OPTION` if `definition` is none.
 *
 * @example
 * const store = application("store", storeTree, []);
 * const web = application("web", webTree, (needed) => [needed.store, 8080], { needs: [store] });
 * export default unikernel({ root: applications([web]) });
 */
export function application<
  const N extends string,
  A extends readonly unknown[],
  M,
  I,
  D extends AnyApplication = never,
>(
  name: N,
  definition: Definition<A, M, I>,
  args: NoInfer<A> | ((needed: TopsOf<NoInfer<D>>) => readonly [...NoInfer<A>]),
  options: ApplicationOptions<D> = {},
): Application<N, M, D> {
  const { shutdown } = options;
  const spec = new Spec(
    { type: "actor", behavior: behaviorOf(definition) },
    args,
    // An end that is as orderly as `normal` is none to report when it is stopped: so it is with transient children.
    { restart: "transient", ...(shutdown === undefined ? {} : { shutdown }) },
  );
  // Sound: the brand is never a value, and this is the only one who makes it.
  return new Declared(name, spec, options) as AnyDeclared as Application<N, M, D>;
}

type AnyDeclared = Omit<AnyApplication, typeof types>;
