import type { Confinement } from "../confine.ts";
import type { GuestSetup } from "../guest.ts";

/** The worker's data at its start. */
export interface GuestOptions extends GuestSetup {
  readonly target: "isolate";
  readonly name: string;
  readonly path: string;
  readonly code: string;
  readonly cachedData: Uint8Array;
  readonly board: SharedArrayBuffer;
  /** Undefined: all that Node has. */
  readonly confinement: Confinement | undefined;
  readonly hostRing: SharedArrayBuffer;
}
