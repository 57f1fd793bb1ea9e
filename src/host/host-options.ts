import type { Device, ExitReason, Ref } from "../../kernel/index.ts";
import type { HostLog } from "../observe/log.ts";
import type { Target } from "../targets/target.ts";

export interface HostOptions {
  /** Where lines and crash reports go. Default: pino's JSON lines on standard error. */
  readonly log?: HostLog;
  /** Deep-freezes messages within VMs. Default: false. */
  readonly development?: boolean;
  /** What its VMs are where a boot does not say so. Default: `isolate`. */
  readonly target?: Target;
  /** What else they may be. Default: every target if `target` is `isolate`; else none, since it may have a weaker boundary. */
  readonly targets?: readonly Target[];
  /** VMs that are kept ready, of targets that have such. Default: none. */
  readonly warm?: WarmOptions;
  /** VMs at a time, up to 65,535. Each has 64 bytes on the host's board, booted or not. Default: 1,023. */
  readonly vmsMax?: number;
  /** MiB that the heap limits of all VMs may come to together. Default: no bound. */
  readonly memoryMbMax?: number;
  /** VMs that may be awake before they stop spinning for each other. Default: the machine's cores. */
  readonly cores?: number;
}

/** Blank VMs that are kept ready for boots, filled up in the background. They are part of `memoryMbMax`, and give way to VMs. */
export interface WarmOptions {
  /** How many can become any VM; as many more are primed for the programs that were booted last. */
  readonly vms: number;
  /** Names of targets: of each so many. Default: the host's `target`. */
  readonly targets?: readonly string[];
  /** Only boots with so much heap, in MiB, can use one. Default 256. */
  readonly memoryMb?: number;
  /** Only boots that are given the environment can use one, or only those that are not. Default: false, those that are not. */
  readonly env?: boolean;
}

export interface HostBootOptions {
  /** For logs. Default: the image's name. */
  readonly name?: string;
  /** The name of a unikernel of the image. Default: its default export, whatever its name. */
  readonly entry?: string;
  /** The name of another host that boots it, or several: the first that is joined. Default: this one. */
  readonly host?: string | readonly string[];
  /** What the VM is: the name of a target of the host. Default: the host's `target`. */
  readonly target?: string;
  /** The root's arguments. Default: the unikernel's own. */
  readonly args?: readonly unknown[];
  /** MiB. Default 256. */
  readonly memoryMb?: number;
  /** ms. Default 5000. */
  readonly watchdogMs?: number;
  /** ms. Default 10000. */
  readonly bootTimeoutMs?: number;
  /** What it may have from outside, and pass on to VMs that it boots. Default: what its image says that it needs. */
  readonly devices?: readonly Device[];
  /** VMs that it and those it boots may have at a time, itself not counted. Default: what the host can hold. */
  readonly vmsMax?: number;
}

/** A VM that a host has booted, seen from outside. */
export interface RunningVm<M = never> {
  readonly vm: number;
  readonly name: string;
  /** Its root; typed if the image is. */
  readonly root: Ref<M>;
  /** Resolves when the VM and everything of it is gone; of one on another host, when its root is, or the way to it. */
  readonly ended: Promise<ExitReason>;
  /** Asks the root to end (`shutdown`), and kills the VM after 5 s. */
  stop(): Promise<ExitReason>;
  kill(): Promise<ExitReason>;
  /**
   * Held, it does nothing as soon as its turn is over, and keeps all that it has; let go, it goes on where it was. What is sent to it waits;
   * told to end it is killed. False: it cannot be held: VMs of `qemu` and of other hosts, and those that have ended.
   */
  hold(held: boolean): boolean;
}
