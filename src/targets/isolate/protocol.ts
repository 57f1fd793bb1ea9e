import type { ExitReason } from "../../../kernel/index.ts";
import type { RingMemory } from "../ring-line.ts";
import type { LogLine } from "../target.ts";

/** What host and guest of an isolate tell each other beside the rings, by `postMessage`. Seldom, and never on a hot path. */
export type ToHost =
  | { readonly type: "connect"; readonly vm: number }
  | { readonly type: "log"; readonly line: LogLine }
  | { readonly type: "halted"; readonly reason: ExitReason };

export type ToGuest =
  | {
      readonly type: "ring";
      readonly peer: number;
      readonly memory: RingMemory;
      readonly end: "a" | "b";
      readonly place: number;
    }
  | { readonly type: "ended"; readonly peer: number; readonly reason: ExitReason };

/** The worker's data at its start. */
export interface GuestOptions {
  readonly vm: number;
  readonly name: string;
  readonly path: string;
  readonly code: string;
  readonly cachedData: Uint8Array;
  readonly board: SharedArrayBuffer;
  readonly place: number;
  readonly cores: number;
  readonly development: boolean;
  readonly hostRing: RingMemory;
}
