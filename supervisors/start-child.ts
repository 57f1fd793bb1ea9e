import {
  addressOf,
  crashOf,
  isMotesError,
  type Address,
  type Definition,
  type ExitReason,
  type Unikernel,
  type Wait,
} from "../kernel/index.ts";
import type { SupervisorSelf } from "./retry.ts";
import type { Spec } from "./child-spec.ts";

/**
 * The start of one incarnation of a child: waits until it is ready, has failed, or chose not to start. Never throws; a failed
 * start leaves no exit signal behind.
 */

/** Straight-line code of a supervisor: it takes no message while it waits. */
export type Task<T> = Generator<Wait<unknown>, T, unknown>;

export interface Incarnation {
  readonly address: Address;
  /** The VM of which it is the root, if it is one. */
  readonly vm: number | undefined;
}

export type Outcome =
  | { readonly type: "started"; readonly incarnation: Incarnation; readonly info: object }
  | { readonly type: "ignored" }
  | { readonly type: "failed"; readonly reason: ExitReason };

/** `given` is for arguments that are made for each start: siblings, or what `startChild` was called with. */
export function* startOne(self: SupervisorSelf, { program, args }: Spec, given: unknown): Task<Outcome> {
  try {
    // Sound: `child` and `template` typed the function with what is given here.
    const all = typeof args === "function" ? (args as (given: unknown) => readonly unknown[])(given) : args;
    if (program.type === "vm") {
      const { ref, vm } = yield* self.boot(program.unikernel as AnyProgram, all, program.boot);
      return { type: "started", incarnation: { address: addressOf(ref), vm }, info: {} };
    }
    // Sound: a definition is a behaviour at run time, and its arguments were typed where the spec was made.
    const definition = program.behavior as unknown as AnyDefinition;
    const { ref, ...info } = yield* self.start(definition, ...all);
    return { type: "started", incarnation: { address: addressOf(ref), vm: undefined }, info };
  } catch (thrown) {
    if (isMotesError(thrown, "START_IGNORED")) return { type: "ignored" };
    return { type: "failed", reason: startReason(thrown) };
  }
}

/** Sound, both: `child`, `vm` and templates were only given arguments that fit. */
type AnyDefinition = Definition<readonly unknown[], never, object>;
type AnyProgram = Unikernel<readonly unknown[], never>;

function startReason(thrown: unknown): ExitReason {
  if (!isMotesError(thrown, "START_FAILED")) return crashOf(thrown);
  // Sound: the kernel's table gives this code a reason.
  return (thrown.details as { readonly reason: ExitReason }).reason;
}
