import type { ExitReason } from "../../../kernel/index.ts";
import type { Confinement } from "../confine.ts";
import type { GuestSetup } from "../guest.ts";
import { isObject } from "../protocol.ts";
import type { PeerVm } from "../peer-vm.ts";
import type { ImageExtents } from "./region.ts";

/** What a blank machine is told first, on one line. All times are of the moment it is written. */
export interface BootLine {
  /** Since 1970. */
  readonly timeMs: number;
  /** 32 bytes of entropy in hexadecimal. */
  readonly seed: string;
  readonly image: ImageExtents;
  readonly options: QemuGuestOptions;
}

export interface QemuGuestOptions extends GuestSetup {
  readonly target: "qemu";
  readonly path: string;
  readonly hostRingBytes: number;
  /** Undefined: a program that may have all that there is. */
  readonly confinement: Confinement | undefined;
}

/** What the host tells a guest from then on, one JSON line each. The other way it is `ToHost`, and `FromMachine`. */
export type ToQemuGuest =
  | {
      readonly type: "ring";
      readonly peer: PeerVm;
      /** In the region. */
      readonly offset: number;
      readonly bytes: number;
      readonly end: "a" | "b";
      readonly place: number;
    }
  | { readonly type: "ended"; readonly peer: PeerVm; readonly reason: ExitReason };

/** What the machine says around its program: that it waits for the boot line, and that its only process has ended. */
export type FromMachine = { readonly type: "blank" } | { readonly type: "exited"; readonly code: number };

/** Undefined: it is no such thing. */
export function asFromMachine(value: unknown): FromMachine | undefined {
  if (!isObject(value)) return undefined;
  if (value["type"] === "blank") return { type: "blank" };
  const { type, code } = value;
  return type === "exited" && typeof code === "number" ? { type, code } : undefined;
}
