import type { Ref, Self, Wait } from "../kernel/index.ts";
import type { Child } from "./child-spec.ts";
import type { StartChildResult, StartsChildren } from "./protocol.ts";

/**
 * The call `startChild` with the type of the child it starts: a call alone cannot tie its reply to its argument.
 * Waits for as long as the start takes (OTP: `supervisor:start_child`).
 *
 * @example
 * const started = yield* startChild(self, tree, "cache", child(cache, []));
 * if (started.ok) self.cast(started.ref, "warm");
 */
export function startChild<M>(
  self: Pick<Self<never>, "callWithin">,
  supervisor: Ref<StartsChildren>,
  id: string,
  child: Child<M>,
): Wait<StartChildResult<M>> {
  // Sound: the address in the answer is that of this very spec.
  return self.callWithin(Infinity, supervisor, "startChild", id, child) as Wait<StartChildResult<M>>;
}
