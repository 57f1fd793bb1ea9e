import { join } from "node:path";
import type { ExitReason } from "../../../kernel/index.ts";
import type { Confinement } from "../confine.ts";
import type { Sandbox } from "./sandbox.ts";
import type { GuestSetup } from "../guest.ts";
import type { PeerVm } from "../peer-vm.ts";

/** What the host tells a guest, one JSON line each. The other way it is `ToHost`. */
export type ToProcessGuest =
  | {
      readonly type: "ring";
      readonly peer: PeerVm;
      readonly path: string;
      readonly end: "a" | "b";
      readonly place: number;
    }
  | { readonly type: "ended"; readonly peer: PeerVm; readonly reason: ExitReason };

/** Descriptors that a child is born with. */
export const guestFd = { toHost: 3, fromHost: 4, image: 5 } as const;

/** The one argument of a child, as JSON. */
export interface ChildOptions {
  readonly addonPath: string;
  readonly hostPid: number;
}

/** What a child hears before it is a VM, one JSON line each, while it does nothing else. */
export type ToBlankProcess =
  | { readonly type: "load"; readonly script: ScriptFile }
  /** Enters its sandbox, runs the program's top level, and goes on listening. */
  | { readonly type: "prime"; readonly program: ChildProgram }
  /** With its program, unless it is primed. */
  | {
      readonly type: "boot";
      readonly program: ChildProgram | undefined;
      readonly options: ProcessGuestOptions;
    };

/** An image's code and V8's compiled form of it, one behind the other. */
export interface ScriptFile {
  /** The image's own path, for stacks. */
  readonly path: string;
  readonly codeBytes: number;
  readonly cachedBytes: number;
  /** Where it is: below the host's folder, or open as `guestFd.image`. */
  readonly file: string | undefined;
}

/** The program of a VM, and what it may have. */
export interface ChildProgram {
  readonly path: string;
  /** Undefined: all that Node has, within the permissions of the process. */
  readonly confinement: Confinement | undefined;
  readonly sandbox: Sandbox | undefined;
}

/** What a guest is told at its start. */
export interface ProcessGuestOptions extends GuestSetup {
  readonly target: "process";
  readonly folder: string;
  readonly places: number;
  readonly hostRingPath: string;
}

/** Where a host's guests find the board. Bells lie beside it (`Bells`); rings and the host's folder come by their paths. */
export const boardPath = (folder: string): string => join(folder, "board");
