import type { ExitReason, Ref } from "../../kernel/index.ts";
import type { AnyImage } from "../image/image.ts";
import type { RingMemory } from "../targets/ring-line.ts";
import type { Vm } from "../targets/target.ts";
import type { Grant } from "./grant.ts";
import type { Watchdog } from "./watchdog.ts";

/** One VM as its host keeps it, from boot to end. */
export interface Hosted {
  readonly vm: number;
  readonly name: string;
  readonly image: AnyImage;
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
  /** False if it ended before its loop had turned once: its program could not be loaded. */
  loaded: boolean;
}
