import type { Outside } from "./outside.ts";

/** What the worker's half of a VM answers to it: `Outside`, with bytes as they lie here. */
export type Answers = Omit<Outside, "write" | "read" | "toBytes" | "toText"> & {
  toBytes(text: string): Uint8Array;
  toText(bytes: Uint8Array): string;
  write(line: number, record: Uint8Array): number;
  read(line: number): Uint8Array | number;
};

/** An image as a worker knows it. */
export interface MachineImage {
  readonly image: number;
  readonly path: string;
  readonly code: string;
}

export interface MachineOptions {
  readonly image: MachineImage;
  /** A `GuestSetup` as JSON. */
  readonly setup: string;
  readonly answers: Answers;
  /** Asked every few thousand operations: true ends what it does, and with it the machine. */
  interrupted(): boolean;
  /** MiB. */
  readonly memoryMb: number;
}

/** Why a machine can do no more. */
export type Stopped = "memory" | "interrupted" | { readonly thrown: string };

/** Of `Inside`. */
export type Entry = "step" | "rang" | "hear";

/**
 * QuickJS with one VM's code in it, called one entry at a time. Each call says what went wrong, if it did; the machine is of no use from
 * then on and has to be disposed. It knows nothing of rings, timers and threads, and runs only within a call.
 */
export interface Machine {
  /** Runs the image, until its `Inside` is there. Once, and first. */
  load(): Stopped | undefined;
  /** Calls one of `Inside`. */
  call(entry: Entry, argument?: string): Stopped | number;
  /** Goes on with what awaits promises. False: there is still more. */
  jobs(): Stopped | boolean;
  readonly hasJobs: boolean;
  /** `torn`: it was cut off in the middle of something. False: its memory stays behind. */
  dispose(torn: boolean): boolean;
}

/** Makes the machines of one worker. */
export type MakeMachine = (options: MachineOptions) => Machine;
