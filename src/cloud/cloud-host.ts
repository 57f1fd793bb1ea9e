/**
 * A host as a cloud sees it: what it has, and VMs to boot and to end. The agent beside it (`HostAgent`) decides when; a host only does it and
 * says what has become of it. `events` are never called from within a method of the host.
 */
import type { Role } from "./declaration.ts";
import type { HostInfo } from "./host-table.ts";

export interface VmOrder {
  readonly role: Role;
  readonly ordinal: number;
  readonly epoch: number;
}

export interface CloudHostEvents {
  started(vm: VmOrder): void;
  /** Nothing of it is left. */
  ended(vm: VmOrder, reason: string): void;
}

export interface CloudHost {
  readonly info: HostInfo;
  /** VMs that it boots at a time. */
  readonly bootsAtOnce: number;
  /** Boots a VM; `started` or `ended` follows. */
  boot(vm: VmOrder): void;
  /** Ends a VM, also one that is booting; `ended` follows. */
  stop(vm: VmOrder): void;
  /** Nothing that this VM does under its identity gets out of the host until it is let go, once the turn is over in which it is. */
  hold(vm: VmOrder, held: boolean): void;
}
