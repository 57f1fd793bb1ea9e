import { cellOf, defines, ignore, selfOf, type Body, type Definition, type Self } from "../kernel/index.ts";
import { AdministeredTree } from "./administration.ts";
import { SupervisorBehavior } from "./behavior.ts";
import { checkDynamic, checkOptions } from "./check-options.ts";
import { DynamicTree } from "./dynamic-tree.ts";
import type { Children, DynamicOptions, RefsOf, SupervisorOptions } from "./options.ts";
import type { DynamicProtocol, SupervisorProtocol } from "./protocol.ts";
import type { Task } from "./start-child.ts";
import { supervise } from "./supervise.ts";
import type { SupervisorSelf } from "./retry.ts";
import type { Tree } from "./tree.ts";

/** What its protocol is, and what `start` tells of it: the stable addresses of its children. */
type SupervisorOf<A extends readonly unknown[], C extends Children> = Definition<
  A,
  SupervisorProtocol<RefsOf<C>>,
  { readonly children: RefsOf<C> }
>;

/** May answer `ignore`: then it does not start, and that is no failure. */
type Init<A extends readonly unknown[], O> = (self: Self<never>, ...args: A) => O | typeof ignore;

/**
 * A supervisor: starts its children in order, keeps them alive by its strategy, and stops them in reverse (OTP: `supervisor`).
 * Takes its options, or a function that makes them from its arguments at each start.
 *
 * A bad option or spec is a failed start before any child starts; the reason has one of the codes of `errors.ts`.
 * A child that fails to start stops those before it, and the start fails with
 * `shutdown({ type: "failed_to_start_child", id, reason })`.
 *
 * @example
 * const tree = supervisor({ strategy: "rest_for_one", children: { counter: child(counter, [0]) } });
 * const { children } = yield* self.start(tree);
 * const n = yield* self.call(children.counter, "get");
 */
export function supervisor<const C extends Children>(options: SupervisorOptions<C>): SupervisorOf<[], C>;
export function supervisor<A extends readonly unknown[], const C extends Children>(
  init: Init<A, SupervisorOptions<C>>,
  options?: { readonly label?: string },
): SupervisorOf<A, C>;
export function supervisor<A extends readonly unknown[], C extends Children>(
  given: SupervisorOptions<C> | Init<A, SupervisorOptions<C>>,
  options?: { readonly label?: string },
): SupervisorOf<A, C> {
  return made(given, options?.label, (self, flags) => new AdministeredTree(self, checkOptions(flags)));
}

/**
 * A supervisor of many children of one kind, started one by one with `startChild` (OTP: `simple_one_for_one`).
 *
 * @example
 * const pool = dynamicSupervisor({ child: template(worker, { restart: "transient" }) });
 * const { ref } = yield* self.start(pool);
 * const started = yield* self.call(ref, "startChild", job);
 */
export function dynamicSupervisor<G extends readonly unknown[], M>(
  options: DynamicOptions<G, M>,
): Definition<[], DynamicProtocol<G, M>>;
export function dynamicSupervisor<A extends readonly unknown[], G extends readonly unknown[], M>(
  init: Init<A, DynamicOptions<G, M>>,
  options?: { readonly label?: string },
): Definition<A, DynamicProtocol<G, M>>;
export function dynamicSupervisor<A extends readonly unknown[], G extends readonly unknown[], M>(
  given: DynamicOptions<G, M> | Init<A, DynamicOptions<G, M>>,
  options?: { readonly label?: string },
): Definition<A, DynamicProtocol<G, M>> {
  return made(given, options?.label, (self, flags) => new DynamicTree(self, checkDynamic(flags)));
}

function made<A extends readonly unknown[], M, I>(
  given: object | Init<A, object>,
  label: string | undefined,
  treeOf: (self: SupervisorSelf, options: unknown) => Tree,
): Definition<A, M, I> {
  function* body(self: SupervisorSelf, ...args: A): Task<unknown> {
    self.trapExits();
    const options = typeof given === "function" ? given(selfOf<never>(cellOf(self)), ...args) : given;
    if (options === ignore) return ignore;
    return yield* supervise(self, cellOf(self), treeOf(self, options));
  }
  // Sound: what reaches it beside its own messages is told apart at run time, by class.
  return defines(
    new SupervisorBehavior(
      label ?? labelOf(given),
      body as Body<unknown, never> as Body<unknown, readonly unknown[]>,
    ),
  );
}

const labelOf = (given: object): string =>
  "label" in given && typeof given.label === "string" ? given.label : "supervisor";
