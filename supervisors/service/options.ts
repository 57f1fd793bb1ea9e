import type { BootOptions, Unikernel } from "../../kernel/index.ts";
import type { Backoff } from "../backoff.ts";
import type { Intensity } from "../intensity.ts";
import type { Balance } from "./balance.ts";
import type { ProviderName } from "./provider.ts";

export interface ScaleOptions {
  /** Calls in flight, and messages that wait for a VM. Default: 16. */
  readonly callsPerVm?: number;
  /** Messages in the mailbox of a root. Default: they are not looked at. */
  readonly depthPerVm?: number;
  /** Average of calls, of which one VM more is wanted. Default: they are not timed. */
  readonly latencyMs?: number;
  /** Between two looks. Default: 250. */
  readonly everyMs?: number;
  /** After a change, no more VMs for so long. Default: 500. */
  readonly upAfterMs?: number;
  /** Fewer VMs after so long without a need for as many. Default: 10000. */
  readonly downAfterMs?: number;
}

/** What a service is told: which program its VMs run, how many there are, and how it treats them. All times are in ms. */
export interface ServiceOptions<A extends readonly unknown[], M> {
  /** What each VM runs. Its root is whom messages are passed on to. */
  readonly entry: Unikernel<A, M>;
  /** For logs. Default: the name of `entry`. */
  readonly label?: string;
  /** How many VMs, or the bounds between which the load decides. `min: 0`: none until somebody asks. Default: 1. */
  readonly vms?: number | { readonly min: number; readonly max: number };
  /** Default: `"least"`. */
  readonly balance?: Balance<M>;
  /** Beside what the unikernel says. */
  readonly boot?: BootOptions;
  /** Deaths of VMs that are fine; one more ends the service. Default: 1 in 5 s, as for a supervisor. */
  readonly intensity?: Intensity;
  /** Before a VM that has died, or did not start, is booted again. Default: from 100 to 5000 ms for those that did not start. */
  readonly backoff?: Backoff;
  /** Calls are refused while more messages than this wait. Default: 8192. */
  readonly queueMax?: number;
  /** What happens to calls while no VM serves. Default: `"wait"`; each boot that fails answers those that wait. */
  readonly whileDown?: "wait" | "fail";
  /** A new VM is asked for its health every so often, until it says so or the time is over. Default: 25, 10000. */
  readonly health?: { readonly everyMs?: number; readonly timeoutMs?: number };
  /** For calls in flight to be answered before their VM is replaced or ended. Default: 5000. */
  readonly drainTimeoutMs?: number;
  /** For the state to go over. Default: 5000. */
  readonly handoffTimeoutMs?: number;
  /** Between the bounds of `vms`: what is right for one VM, and how fast the number follows. */
  readonly scale?: ScaleOptions;
  /** With `min: 0`: the last VM ends after so long without traffic and calls in flight. Default: 60000. */
  readonly idleMs?: number;
  /**
   * The names of other hosts that boot VMs of it when its own has no room, or any that is joined: the one with the fewest of them first.
   * Default: none.
   */
  readonly elsewhere?: "any" | readonly string[];
  /** The name of an actor in the service's VM that is asked for a VM when no host has room. Default: none. */
  readonly provider?: ProviderName;
  /** For a VM to end after it was asked, before it is killed. Default: 5000. */
  readonly shutdownMs?: number;
}
