import { MotesError } from "./errors.ts";

/** A broken invariant of ours, never bad input. Stays on in production: in an actor it is a crash, in the kernel it stops the VM. */
export function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new MotesError("BUG", `broken invariant in motes: ${what}. Please report it.`, { what });
}
