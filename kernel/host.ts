import type { Probe } from "./succession.ts";
import type { Device } from "./device.ts";
import type { ExitReason } from "./exit.ts";
import type { Call, Message } from "./message.ts";
import type { Ref } from "./ref.ts";

/** The host's own VM is number 0, and its first actor is the one that boots VMs. */
export const hostVm = 0;
export const hostSerial = 1;

/** What it takes to boot one VM. The caller owns it: when the caller ends, or can no longer be reached, so does the VM. */
export interface BootRequest {
  /** The name of a unikernel in the image that the caller runs. */
  readonly entry: string;
  /** The name of another image that the host holds, whose entry it is to be. Default: the image that the caller runs. */
  readonly image?: string;
  /** For logs. Default: the entry. */
  readonly name?: string;
  /** The name of another host that boots it, or several: the first that is joined. It waits for one for `bootTimeoutMs`. Default: here. */
  readonly host?: string | readonly string[];
  /** What the VM is, of the targets that the host allows. Default: the host's own. */
  readonly target?: string;
  readonly args: readonly unknown[];
  /** Heap of the VM in MiB. Default: the target's. */
  readonly memoryMb?: number;
  /** A VM whose loop has not turned for so long, in ms, is killed. Default 5000; `Infinity` is never. */
  readonly watchdogMs?: number;
  /** From request to the root's ready, in ms. Default 10000. */
  readonly bootTimeoutMs?: number;
  /** What it may have from outside and pass on, of what its booter may. Default: all of that. */
  readonly devices?: readonly Device[];
  /** VMs that it and those it boots may have at a time. Default: as many as its booter. */
  readonly vmsMax?: number;
  /** What the root says of its health comes with the result, if it says it at once: a service need not ask again. Default: false. */
  readonly probe?: boolean;
}

export type BootResult =
  | {
      readonly type: "booted";
      readonly vm: number;
      readonly root: Ref<never>;
      readonly probe?: Probe | undefined;
    }
  | { readonly type: "ignored" }
  | { readonly type: "failed"; readonly reason: ExitReason };

/** A host that this one is joined with. */
export interface OtherHost {
  readonly name: string;
  /** What it is called in addresses: its name and which of its lives, as `name~life`. */
  readonly host: string;
  readonly ref: Ref<HostProtocol>;
}

/** To those that watch hosts: messages to its actors arrive from here on. */
export interface HostUp extends Message {
  readonly type: "hostup";
  readonly host: OtherHost;
}

/** It is lost, or the way to it. Links and monitors to its actors hear `noconnection`. */
export interface HostDown extends Message {
  readonly type: "hostdown";
  readonly host: OtherHost;
  /** A code of the link between the two hosts, such as `LINK_SILENT`. */
  readonly why: string;
}

/** What the host does for its VMs, as messages: the toolstack's contract, the same on every target and in the simulator. */
export type HostProtocol =
  | Call<"boot", readonly [request: BootRequest], BootResult>
  /** From now on operators find the caller by this name, until it ends. Names need not be unique. */
  | Call<"announce", readonly [name: string], void>
  /** All that have announced themselves by this name, and live: also asked by actors of other hosts. */
  | Call<"find", readonly [name: string], readonly Ref<never>[]>
  /** Those that this host is joined with now. */
  | Call<"hosts", readonly [], readonly OtherHost[]>
  /** The same, and from now on `to`, an actor of the caller's VM, hears of those that come and go, until it ends. */
  | Call<"watchHosts", readonly [to: Ref<HostUp | HostDown>], readonly OtherHost[]>
  /**
   * Ends a VM at once, whatever it does. Its links and monitors see `killed`. Refused if neither the caller's VM nor one that this has
   * booted is its booter. `host`: where it is, as its addresses say. Default: the own one.
   */
  | Call<"kill", readonly [vm: number, host?: string], undefined>;
