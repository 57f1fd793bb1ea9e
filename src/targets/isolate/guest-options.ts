import type { Confinement } from "../confine.ts";
import type { GuestSetup } from "../guest.ts";

/** What a guest is told at its start. */
export interface GuestOptions extends GuestSetup {
  readonly target: "isolate";
  readonly name: string;
  readonly path: string;
  /** Undefined: it has been read in advance. */
  readonly program:
    | { readonly path: string; readonly code: string; readonly cachedData: Uint8Array }
    | undefined;
  readonly board: SharedArrayBuffer;
  /** Undefined: all that Node has. */
  readonly confinement: Confinement | undefined;
  readonly hostRing: SharedArrayBuffer;
}

/** What a worker hears before it is a VM. */
export type ToBlank =
  | { readonly type: "load"; readonly program: NonNullable<GuestOptions["program"]> }
  | { readonly type: "start"; readonly options: GuestOptions };
