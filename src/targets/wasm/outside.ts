import type { PeerVm } from "../peer-vm.ts";

/**
 * What a VM in WebAssembly is given of the world: these functions, and nothing else. Both halves know this file: the guest calls,
 * its worker answers. `line` is the number of an open line, as `ring` has told it; 0 is the host's.
 */
export interface Outside {
  /** Monotonic, in ms. */
  now(): number;
  timeOfDay(): number;
  random(): number;
  /** A `ToHost` as JSON. */
  tell(json: string): void;
  turned(): void;
  setAwake(on: boolean): void;
  /** Its own bell. */
  arm(): void;
  /** True: it has rung. Else `LoopEntry.rang` is called when it does. */
  wait(): boolean;
  /** Rings the bell of the VM with that place, if there is a line to it. */
  ring(place: number): void;
  /** 1: written; 0: no room now; -1: see `problem`. */
  write(line: number, record: ArrayBufferLike): number;
  /** The next record; -1: nothing; -2: ended; -3: see `problem`. */
  read(line: number): ArrayBuffer | number;
  publish(line: number): boolean;
  waiting(line: number): boolean;
  prepareSleep(line: number, bytesToWrite: number): boolean;
  awake(line: number): void;
  close(line: number): void;
  maxRecordBytes(line: number): number;
  /** Latin-1 without NUL to bytes and back: by native code. */
  toBytes(text: string): ArrayBuffer;
  toText(bytes: ArrayBufferLike): string;
  /** Why the last operation on that line failed. */
  problem(line: number): string;
  /** Why this VM ends, as JSON; the worker ends it when the turn does. */
  exit(reason: string): void;
}

/** Names of all of them: the worker makes exactly these. */
export const outsideNames: readonly (keyof Outside)[] = [
  "now",
  "timeOfDay",
  "random",
  "tell",
  "turned",
  "setAwake",
  "arm",
  "wait",
  "ring",
  "write",
  "read",
  "publish",
  "waiting",
  "prepareSleep",
  "awake",
  "close",
  "maxRecordBytes",
  "toBytes",
  "toText",
  "problem",
  "exit",
];

/** What the worker calls in a VM. */
export interface Inside {
  /** Runs what is due. When to run it next, in ms from now: 0 for soon, -1 for never. */
  step(): number;
  rang(): void;
  /** A `ToWasmGuest` as JSON. */
  hear(json: string): void;
}

/** The same for the VMs of a pack, by their numbers. */
export interface PackInside {
  /** A `GuestSetup` as JSON. */
  load(vm: number, setup: string): void;
  step(vm: number): number;
  rang(vm: number): void;
  hear(vm: number, json: string): void;
  /** Nothing holds it any more. */
  drop(vm: number): void;
}

/** What a guest is told; rings are lines that its worker has opened. */
export type ToWasmGuest =
  | {
      readonly type: "ring";
      readonly peer: PeerVm;
      readonly line: number;
      readonly end: "a" | "b";
      readonly place: number;
    }
  | { readonly type: "ended"; readonly peer: PeerVm; readonly reason: unknown };
