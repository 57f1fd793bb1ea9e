import type { AnyChild, RefOf, Template } from "./child-spec.ts";
import type { Intensity } from "./intensity.ts";
import type { Strategy } from "./strategy.ts";

/**
 * What `supervisor` and `dynamicSupervisor` are given. Semantics and defaults: OTP supervisor flags.
 */
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/**
 * In the order of their start. An object's keys are the ids; whole numbers among them (`"10"`) are refused, because JavaScript
 * would move them to the front: use a list of pairs for those.
 */
export type Children =
  | Readonly<Record<string, AnyChild>>
  | readonly (readonly [id: string, child: AnyChild])[];

/** Refuses a list of pairs that has an id twice, and says which, as far as types know the ids; the others are refused at start. */
type Distinct<C> = C extends readonly [
  readonly [infer Id, unknown],
  ...infer Rest extends readonly (readonly [string, unknown])[],
]
  ? string extends Rest[number][0]
    ? unknown
    : Id extends Rest[number][0]
      ? { readonly "two children have this id": Id }
      : Distinct<Rest>
  : unknown;

/** The stable addresses of the children, by id. */
export type RefsOf<C> = C extends readonly (readonly [string, AnyChild])[]
  ? { readonly [Pair in C[number] as Pair[0]]: RefOf<Pair[1]> }
  : { readonly [Id in keyof C]: RefOf<C[Id]> };

interface Flags {
  /** For logs. Default: `supervisor`. */
  readonly label?: string;
  /** One budget for all children. Default: 1 restart in 5 s; a crash that exceeds it ends the supervisor with `shutdown`. */
  readonly intensity?: Intensity;
  /**
   * Beyond OTP: a `crash_loop` report at each restart of a child that is at least its so-manieth within the last minute.
   * Default: none.
   */
  readonly crashLoopAfter?: number;
}

export interface SupervisorOptions<C extends Children> extends Flags {
  /** Default: `one_for_one`. */
  readonly strategy?: Strategy;
  /** Whether the supervisor ends, with `shutdown`, when significant children have ended by themselves. Default: `never`. */
  readonly autoShutdown?: AutoShutdown;
  readonly children: C & Distinct<C>;
}

/** `simple_one_for_one`: many children of one kind, none at the start. */
export interface DynamicOptions<A extends readonly unknown[], M> extends Flags {
  readonly child: Template<A, M>;
}
