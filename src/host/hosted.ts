import { addressOf, type ExitReason, type Ref } from "../../kernel/index.ts";
import type { AnyImage } from "../image/image.ts";
import type { RingMemory } from "../targets/ring-line.ts";
import type { Vm } from "../targets/target.ts";
import type { Domain } from "./domain.ts";
import type { Grant } from "./grant.ts";
import type { Watchdog } from "./watchdog.ts";

/** One VM as its host keeps it, from boot to end. */
export interface Hosted {
  readonly vm: number;
  readonly name: string;
  readonly image: AnyImage;
  /** The name of what it is. */
  readonly target: string;
  readonly memoryMb: number;
  /** Since 1970. */
  readonly bootedAtMs: number;
  /** Where its memory is, and its place there. */
  readonly domain: Domain;
  readonly place: number;
  /** Its root's parent: the one whose exit signal the root obeys. */
  readonly owner: Ref<never>;
  readonly handle: Vm;
  readonly grant: Grant;
  /** The ring between it and the host's own VM. */
  readonly hostRing: RingMemory;
  /** Resolves, once everything of it is gone, with why it ended. */
  readonly ended: Promise<ExitReason>;
  /** Once it is ready. */
  root: Ref<never> | undefined;
  watchdog: Watchdog | undefined;
  /** It does nothing, and hears of nothing. */
  held: boolean;
  /** False if it ended before its loop had turned once: its program could not be loaded. */
  loaded: boolean;
}

/** A VM of a host, for people and tools. */
export interface VmInfo {
  readonly vm: number;
  readonly name: string;
  readonly target: string;
  /** The path of its program or image. */
  readonly image: string;
  /** Limit of its heap, in MiB. */
  readonly memoryMb: number;
  /** ms since 1970. */
  readonly bootedAtMs: number;
  /** The VM whose actor booted it; 0 is the host. */
  readonly owner: number;
  /** Where that VM is: "" is here. */
  readonly ownerHost: string;
  readonly state: "booting" | "running";
}

export const vmInfo = ({ vm, name, target, image, memoryMb, bootedAtMs, owner, root }: Hosted): VmInfo => ({
  vm,
  name,
  target,
  image: image.path,
  memoryMb,
  bootedAtMs,
  owner: addressOf(owner).home.vm,
  ownerHost: addressOf(owner).home.host,
  state: root === undefined ? "booting" : "running",
});
