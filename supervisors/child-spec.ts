import {
  behaviorOf,
  asSealed,
  type AnyUnikernel,
  type Behavior,
  type BootOptions,
  type Definition,
  type Ref,
  type Unikernel,
} from "../kernel/index.ts";
import type { Backoff } from "./backoff.ts";

/**
 * What a supervisor keeps alive: a program with its arguments, and when and how it is restarted and stopped. A spec is a value
 * without a life: it may be used in several supervisors. It is checked when its supervisor starts (`check-spec.ts`).
 *
 * Semantics and defaults: OTP `supervisor`, child specification.
 */
declare const types: unique symbol;

/** What each end of a child leads to. `transient`: a restart unless it ended normally (`normal`, `shutdown`, a `Shutdown`). */
export type Restart = "permanent" | "transient" | "temporary";

/** Time in ms to end by itself after the exit signal `shutdown`, before it is killed; 0 kills right after. */
export type ShutdownTime = number | "infinity" | "brutal_kill";

interface Options {
  /** Default: 5000 ms; for a supervisor or a VM `"infinity"`. */
  readonly shutdown?: ShutdownTime;
  /** Beyond OTP: waits before each restart, longer each time. Default: none, as in OTP. */
  readonly backoff?: Backoff;
}

/** `significant`: its own normal end (temporary: any end) counts for `autoShutdown`. Default: false. */
export type ChildOptions = Options &
  (
    | { readonly restart?: "permanent"; readonly significant?: false }
    | { readonly restart: "transient" | "temporary"; readonly significant?: boolean }
  );

/** As `ChildOptions`, for the children of a dynamic supervisor, of which none is significant. */
export type TemplateOptions = Options & { readonly restart?: Restart };

/** Any spec: what a table of children holds. */
export interface AnyChild {
  readonly [types]: unknown;
}

/** The spec of a child with the protocol `M`. Made by `child` and `vm`. */
export interface Child<in out M> extends AnyChild {
  readonly [types]: (m: M) => M;
}

/** The spec of many children, whose remaining arguments `A` are given to `startChild`. Made by `template` and `vmTemplate`. */
export interface Template<in A extends readonly unknown[], in out M> {
  readonly [types]: { readonly args: (args: A) => void; readonly m: (m: M) => M };
}

/** The address of the child that a spec stands for. */
export type RefOf<C> = C extends Child<infer M> ? Ref<M> : never;

/** What arguments may be made from: the addresses of the other children. */
export interface Siblings {
  /**
   * The stable address of the child with this spec, which follows it over restarts; also of one that starts later.
   * Throws `NO_SIBLING`.
   */
  readonly refOf: <M>(child: Child<M>) => Ref<M>;
}

export type Program =
  | { readonly type: "actor"; readonly behavior: Behavior }
  | { readonly type: "vm"; readonly unikernel: AnyUnikernel; readonly boot: BootOptions };

type MakeArgs = (given: never) => readonly unknown[];

/** What `child`, `vm` and templates are at run time. Options are whatever the caller gave: they are checked at start. */
export class Spec {
  readonly program: Program;
  readonly args: readonly unknown[] | MakeArgs;
  readonly options: object;

  constructor(program: Program, args: readonly unknown[] | MakeArgs, options: object) {
    this.program = program;
    this.args = args;
    this.options = options;
  }
}

/** Sound: the brands of `Child` and `Template` are never values, and only the functions below make them. */
const branded = <T>(spec: Spec): T => spec as unknown as T;
export const specOf = (value: unknown): Spec | undefined => (value instanceof Spec ? value : undefined);

/**
 * An actor (or a supervisor) as a child. Its arguments may be made from the addresses of its siblings; then they are made
 * again for every restart. Throws `BAD_OPTION` if `definition` is none.
 *
 * @example
 * const store = child(counter, [0]);
 * const tree = supervisor({ children: { store, front: child(front, (siblings) => [siblings.refOf(store)]) } });
 */
export function child<A extends readonly unknown[], M, I>(
  definition: Definition<A, M, I>,
  args: NoInfer<A> | ((siblings: Siblings) => readonly [...NoInfer<A>]),
  options: ChildOptions = {},
): Child<M> {
  return branded(new Spec({ type: "actor", behavior: behaviorOf(definition) }, args, options));
}

/** A whole VM as a child: `self.boot`. It ends by the exit signal `shutdown` to its root, or is killed by its host in the end. */
export function vm<A extends readonly unknown[], M>(
  program: Unikernel<A, M>,
  args: NoInfer<A> | ((siblings: Siblings) => readonly [...NoInfer<A>]),
  options: ChildOptions & BootOptions = {},
): Child<M> {
  const [boot, rest] = bootOptions(options);
  return branded(new Spec({ type: "vm", unikernel: program, boot }, args, rest));
}

/** For a dynamic supervisor: `startChild` takes the definition's arguments, or those that `args` makes them from. */
export function template<A extends readonly unknown[], M, I, G extends readonly unknown[] = A>(
  definition: Definition<A, M, I>,
  options: TemplateOptions & { readonly args?: (...given: G) => readonly [...NoInfer<A>] } = {},
): Template<G, M> {
  const { args = same, ...rest } = options;
  return branded(new Spec({ type: "actor", behavior: behaviorOf(definition) }, spread(args), rest));
}

/** As `template`, with a VM for each child. */
export function vmTemplate<A extends readonly unknown[], M, G extends readonly unknown[] = A>(
  program: Unikernel<A, M>,
  options: TemplateOptions & BootOptions & { readonly args?: (...given: G) => readonly [...NoInfer<A>] } = {},
): Template<G, M> {
  const { args = same, ...others } = options;
  const [boot, rest] = bootOptions(others);
  return branded(new Spec({ type: "vm", unikernel: program, boot }, spread(args), rest));
}

const same = (...given: readonly unknown[]): readonly unknown[] => given;

const spread =
  (args: (...given: never) => readonly unknown[]): MakeArgs =>
  (given: never) =>
    // Sound: `given` is what `startChild` was typed to take, G.
    (args as (...all: readonly unknown[]) => readonly unknown[])(...(given as readonly unknown[]));

/** Every option of a boot: a new one is missed here by the compiler. */
const ofBoot: Readonly<Record<keyof BootOptions, true>> = {
  name: true,
  image: true,
  host: true,
  target: true,
  memoryMb: true,
  watchdogMs: true,
  bootTimeoutMs: true,
  devices: true,
  vmsMax: true,
};

/** The options of its boot, and those of the child. One that is undefined is not given. */
function bootOptions(options: TemplateOptions & BootOptions): [BootOptions, object] {
  const boot: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(ofBoot, key)) rest[key] = value;
    else if (value !== undefined) boot[key] = value;
  }
  return [boot, rest];
}

/** False for what JavaScript callers gave `vm` instead of a unikernel. */
export const runs = (program: Program): boolean =>
  program.type === "actor" || asSealed(program.unikernel) !== undefined;
