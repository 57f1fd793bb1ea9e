import type { Confinement } from "../confine.ts";
import type { GuestSetup } from "../guest.ts";

/** What a guest is told at its start. */
export interface GuestOptions extends GuestSetup {
  readonly target: "isolate";
  readonly name: string;
  readonly board: SharedArrayBuffer;
  readonly hostRing: SharedArrayBuffer;
}

export interface Script {
  readonly path: string;
  readonly code: string;
  readonly cachedData: Uint8Array;
}

/** The program of a VM, and what it may have. */
export interface GuestProgram {
  readonly path: string;
  /** Undefined: it has been read in advance. */
  readonly script: Script | undefined;
  /** Undefined: all that Node has. */
  readonly confinement: Confinement | undefined;
}

/** What a worker hears before it is a VM. */
export type ToBlank =
  | { readonly type: "load"; readonly script: Script }
  /** Runs the program's top level, and nothing more until the word of `gate` is not 0: not a timer, not a promise. Then it is told to boot. */
  | { readonly type: "prime"; readonly program: GuestProgram; readonly gate: Int32Array }
  /** With its program, unless it is primed. */
  | { readonly type: "boot"; readonly program: GuestProgram | undefined; readonly options: GuestOptions };

/** It may be held: it looks at its place on the board. */
export interface Rest {
  readonly type: "rest";
}
