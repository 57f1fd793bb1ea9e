import type { BootResult, Call, Device, Ref } from "../../kernel/index.ts";

/** A boot that one host asks of another: checked and granted there as well. */
export interface Errand {
  /** The digest of the image. */
  readonly image: string;
  readonly entry: string | undefined;
  readonly name: string;
  readonly args: readonly unknown[] | undefined;
  /** An actor of the host that asks: when it ends, or can no longer be reached, so does the VM. */
  readonly owner: Ref<never>;
  /** What its booter is: no weaker boundary is given. */
  readonly booter: string;
  readonly target?: string;
  readonly memoryMb?: number;
  readonly watchdogMs?: number;
  readonly bootTimeoutMs?: number;
  /** What it may have and pass on, as far as its booter may. */
  readonly devices?: readonly Device[];
  readonly vmsMax?: number;
  /** Its root is asked for its health at once. */
  readonly probe?: boolean;
}

/** What people may ask of a host: an answer, or why there is none. */
export type Operation = (...args: readonly unknown[]) => unknown;

export type Operated =
  | { readonly type: "done"; readonly value: unknown }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

export type ErrandResult = BootResult | { readonly type: "image_unknown" };

/** What hosts ask of each other's first actor. Nobody but the own VM of a host is heard. */
export type ErrandProtocol =
  | Call<"bootFor", readonly [errand: Errand], ErrandResult>
  /** A piece of an image: how many of its bytes are there then. */
  | Call<"imagePiece", readonly [digest: string, at: number, total: number, piece: Uint8Array], number>
  /** For people at the host that asks. */
  | Call<"operate", readonly [op: string, args: readonly unknown[]], Operated>
  /** A VM that was booted for the host that asks. */
  | Call<"killFor", readonly [vm: number], undefined>;

/** Of one that came from another host. */
export function isErrand(value: unknown): value is Errand {
  if (typeof value !== "object" || value === null) return false;
  const { image, owner, booter, name } = value as Partial<Record<keyof Errand, unknown>>;
  return (
    typeof image === "string" &&
    typeof booter === "string" &&
    typeof name === "string" &&
    typeof owner === "object" &&
    owner !== null
  );
}
