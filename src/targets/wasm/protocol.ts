import type { ExitReason } from "../../../kernel/index.ts";
import type { ToHost } from "../protocol.ts";
import type { PeerVm } from "../peer-vm.ts";
import type { Isolation } from "./isolation.ts";

/** One VM, as its worker is told of it. */
export interface WasmVmSpec {
  readonly vm: number;
  /** Of an image that the worker was sent before. */
  readonly image: number;
  readonly name: string;
  readonly place: number;
  /** Its word among the worker's words: not 0 says that it is to end at once. */
  readonly slot: number;
  readonly development: boolean;
  /** MiB. */
  readonly memoryMb: number;
  readonly hostRing: SharedArrayBuffer;
}

/** Worker's data at its start. */
export interface WorkerOptions {
  /** Of all its VMs. */
  readonly isolation: Isolation;
  /** Compiled, and so shared by all threads. */
  readonly quickjs: WebAssembly.Module;
  /** Where its packages are found. */
  readonly from: string;
  readonly code: string;
  readonly board: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  /** A `Pulse`. */
  readonly pulse: SharedArrayBuffer;
  /** Longest turn of a VM, in ms. */
  readonly turnLimitMs: number;
}

export type ToWorker =
  | { readonly type: "image"; readonly image: number; readonly path: string; readonly code: string }
  | { readonly type: "boot"; readonly spec: WasmVmSpec }
  | {
      readonly type: "ring";
      readonly vm: number;
      readonly peer: PeerVm;
      readonly memory: SharedArrayBuffer;
      readonly end: "a" | "b";
      readonly place: number;
    }
  | { readonly type: "ended"; readonly vm: number; readonly peer: PeerVm; readonly reason: ExitReason }
  | { readonly type: "hold"; readonly vm: number; readonly held: boolean }
  | { readonly type: "kill"; readonly vm: number };

export type FromWorker =
  | { readonly type: "vm"; readonly vm: number; readonly message: ToHost }
  | {
      readonly type: "gone";
      readonly vm: number;
      readonly reason: ExitReason | undefined;
      /** Memory was lost with it: no more VMs here. */
      readonly spoiled: boolean;
    };
