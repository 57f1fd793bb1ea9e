import { instanceMachines } from "./instance-machine.ts";
import type { MakeMachine } from "./machine.ts";
import { packedMachines } from "./packed-machine.ts";
import { runtimeMachines } from "./runtime-machine.ts";

/**
 * What stands between two VMs in WebAssembly, by the name of the target that makes such VMs: for each, how a worker makes its
 * machines from the compiled QuickJS.
 */
export const isolations = {
  /** A QuickJS runtime each, in the instance of their worker. */
  wasm: runtimeMachines,
  /** A `globalThis` and a program each, in a QuickJS runtime that they share with others of their image, with all code that they share frozen. */
  "wasm-packed": packedMachines,
  /** An instance of WebAssembly each, with a memory of its own. */
  "wasm-instance": instanceMachines,
} as const satisfies Readonly<Record<string, (quickjs: WebAssembly.Module) => Promise<MakeMachine>>>;

export type Isolation = keyof typeof isolations;
