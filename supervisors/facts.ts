import type { Cell } from "../kernel/index.ts";
import type { Intensity } from "./intensity.ts";
import { Tree } from "./tree.ts";

/** What a supervisor goes by, for whoever watches over supervisors from outside of their VM. */
export interface SupervisorFacts {
  /** `static`: its children have ids and an order. `dynamic`: they are all of one kind, and are stopped all at once. */
  readonly kind: "static" | "dynamic";
  readonly intensity: Intensity;
}

/** Undefined: the actor is no supervisor, or has no options yet. */
export function supervisorFacts({ state }: Cell): SupervisorFacts | undefined {
  return state instanceof Tree ? { kind: state.kind, intensity: state.intensity } : undefined;
}
