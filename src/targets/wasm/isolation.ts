import type { MakeMachine } from "./machine.ts";
import { runtimeMachines } from "./runtime-machine.ts";

/** What stands between two VMs in WebAssembly, by the name of the target that makes such VMs: for each, how a worker makes its machines. */
export const isolations = {
  /** A QuickJS runtime each, in the instance of their worker. */
  wasm: runtimeMachines,
} as const satisfies Readonly<Record<string, () => Promise<MakeMachine>>>;

export type Isolation = keyof typeof isolations;
