/**
 * What a VM in WebAssembly is given of the world: these functions, and nothing else. Both halves know this file: the guest calls,
 * its worker answers. `peer` is the number of a VM to which there is an open line.
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
  write(peer: number, record: ArrayBufferLike): number;
  /** The next record; -1: nothing; -2: ended; -3: see `problem`. */
  read(peer: number): ArrayBuffer | number;
  publish(peer: number): boolean;
  waiting(peer: number): boolean;
  prepareSleep(peer: number, bytesToWrite: number): boolean;
  awake(peer: number): void;
  close(peer: number): void;
  maxRecordBytes(peer: number): number;
  /** Latin-1 without NUL to bytes and back: by native code. */
  toBytes(text: string): ArrayBuffer;
  toText(bytes: ArrayBufferLike): string;
  /** Why the last operation on that line failed. */
  problem(peer: number): string;
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

/** What a guest is told; rings are lines that its worker has opened. */
export type ToWasmGuest =
  | { readonly type: "ring"; readonly peer: number; readonly end: "a" | "b"; readonly place: number }
  | { readonly type: "ended"; readonly peer: number; readonly reason: unknown };
