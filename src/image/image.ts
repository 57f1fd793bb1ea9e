import type { Device } from "../../kernel/index.ts";
import type { GivenKeys } from "./keys.ts";
import type { Origins } from "./origins.ts";
import type { Portable } from "./portable.ts";

declare const protocol: unique symbol;

/** One program, bundled and ready to be booted any number of times. It is data: no part of it runs in the host. */
export interface AnyImage {
  /** For logs: the entry file's name without its ending. */
  readonly name: string;
  /** Absolute path of the entry file: where its relative requires start. */
  readonly path: string;
  /**
   * A script whose value is a function, to be called as Node calls a CommonJS module: the guest's kernel and the program. It exports
   * `boot` as its default.
   */
  readonly code: string;
  /** V8's compiled form of `code`, so that only the first boot pays for it. */
  readonly cachedData: Uint8Array;
  /** Where each line of `code` came from: stacks in crash reports name the program's own lines. */
  readonly origins: Origins;
  /** For VMs without Node, if it was sealed with that. */
  readonly portable?: Portable;
  /** Its keys' values, for a target that has to bundle the program anew. */
  readonly keys?: GivenKeys;
  /** What its VMs may be given from outside. Undefined: all that their target has, for a program that was bundled and not sealed. */
  readonly devices?: readonly Device[];
  /** What each of its unikernels declares. Undefined as above. */
  readonly needs?: Readonly<Record<string, readonly Device[]>>;
  /** The name of the unikernel that is booted. Undefined as above. */
  readonly entry?: string;
}

/** An image whose root accepts `M`. */
export interface Image<in out M = never> extends AnyImage {
  /** Type level only. */
  readonly [protocol]?: (m: M) => M;
}
