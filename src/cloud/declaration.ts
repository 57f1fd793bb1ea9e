/**
 * What a cloud is declared as, and what the declaration becomes: data only, so that it can be kept in a store and read by any
 * host. Words are those of the field: a role is a set of VMs of one kind, a VM's identity is its role and its ordinal.
 */
import type { PortLimits, StopSignal, Stream } from "../port/options.ts";

export type KeyValues = Readonly<Record<string, number | string | boolean>>;

/** A program for VMs: its file, from the folder of the cloud's own file. */
export interface ImageProgram {
  readonly type: "image";
  readonly file: string;
  readonly keys: KeyValues;
  /** Of its root. Texts are filled in, see `fill`. */
  readonly args: readonly unknown[];
}

/** A process of the operating system, each owned by a port in a VM of its own. Texts are filled in, see `fill`. */
export interface CommandProgram {
  readonly type: "command";
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly ready: CommandReady;
  readonly readyTimeoutMs: number;
  readonly stopSignal: StopSignal;
  /** From each way to end it to the next harder one. */
  readonly stopMs: number;
  readonly limits: PortLimits;
}

/** When its start is complete: at once, when a line contains this text, or when this TCP port of the machine accepts. */
export type CommandReady =
  | "started"
  | { readonly line: string; readonly stream?: Stream }
  | { readonly tcp: number | string };

export type Program = ImageProgram | CommandProgram;

export type TargetName = "isolate" | "process" | "wasm" | "wasm-packed" | "qemu";

/** Hosts that fit: all of these must hold. */
export interface HostFilter {
  /** A host has each of these labels, with one of these values. */
  readonly labels?: Readonly<Record<string, string | readonly string[]>>;
  readonly regions?: readonly string[];
}

export interface SpreadOptions {
  /** `region`, or a label of hosts. */
  readonly over: string;
  /** By how many VMs two of them may differ; a VM that would make it more is not placed. Default: as even as there is room. */
  readonly maxSkew?: number;
}

export interface RestartOptions {
  /** Before the first restart, in ms; twice as long before each further one. Default: 200. */
  readonly firstMs?: number;
  /** The longest wait, in ms. Default: 60,000. */
  readonly maxMs?: number;
  /** Who has run for so long, in ms, has not crashed in a row. Default: 60,000. */
  readonly stableAfterMs?: number;
  /** Crashes in a row until a VM is called degraded. Default: 5. */
  readonly degradedAfter?: number;
}

export interface UpdateOptions {
  /** VMs that may be away for an update or for churn, together with those that are away anyhow: a number, or "10%". Default: "10%". */
  readonly maxUnavailable?: number | `${number}%`;
}

/** So large a part of the VMs is retired and made anew, one at a time and by chance, in every so many ms. */
export interface ChurnOptions {
  /** Above 0, up to 1. */
  readonly fraction: number;
  readonly everyMs: number;
}

export interface RoleOptions<Name extends string = string> {
  readonly run: Program;
  readonly count: number;
  /** What its VMs may be; a host takes the first that it has. Default: `isolate`. */
  readonly targets?: readonly TargetName[];
  /** MiB of each VM. Default: 256. */
  readonly memoryMb?: number;
  readonly hosts?: HostFilter;
  readonly spread?: SpreadOptions;
  /** Of its VMs on one host. Default: no bound. */
  readonly perHostMax?: number;
  /** Never on a host with VMs of these roles; it holds both ways. */
  readonly apart?: readonly Name[];
  readonly restart?: RestartOptions;
  readonly update?: UpdateOptions;
  /** Default: none. */
  readonly churn?: ChurnOptions;
  /**
   * What a host does with these VMs when it has not reached the store for `holdAfterMs`. `hold`, the default: they do not act until it
   * has, so no two ever act under one identity. `keep`: they go on acting, and so may their successors.
   */
  readonly cutOff?: "hold" | "keep";
}

export interface Budget {
  readonly vms?: number;
  readonly memoryMb?: number;
  /** Of all hosts that have a VM of this cloud, by their prices. */
  readonly moneyPerHour?: number;
}

export interface CloudOptions<Name extends string> {
  /** Letters, digits and `-`. */
  readonly name: string;
  readonly roles: Readonly<Record<Name, RoleOptions<NoInfer<Name>>>>;
  /** Default: no bound. */
  readonly budget?: Budget;
}

/** A role with its defaults. */
export interface Role extends Required<Omit<RoleOptions, "spread" | "churn" | "hosts" | "update">> {
  readonly name: string;
  readonly regions: readonly string[];
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly spread: { readonly over: string; readonly maxSkew: number } | undefined;
  readonly restart: Required<RestartOptions>;
  readonly maxUnavailable: number | `${number}%`;
  readonly churn: ChurnOptions | undefined;
  /** Of the program and what it is given: VMs of another one are replaced. */
  readonly fingerprint: string;
}

/** In the place of a bound that was not given; `Infinity` would not survive a store. */
export const unbounded: number = Number.MAX_SAFE_INTEGER;

/** A checked declaration. */
export interface Cloud {
  readonly motesCloud: 1;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly budget: Required<Budget>;
}
