/** What programs are tested with: `import { simulate } from "motes/testing"`. */
export type { FaultOptions } from "./faults.ts";
export type { Invariant, SimOptions } from "./options.ts";
export type { Range } from "./random.ts";
export { simulate, type SimResult } from "./simulate.ts";
export type { Simulation, VmName } from "./simulation.ts";
export type { ActorView, HostView, VmView } from "./view.ts";
