/**
 * What is in a cloud's store, key by key: plain data. One writes each key, but for `host.` ones, which the host renews and the leader ends:
 * whoever of the two comes first with compare and set decides whether the host is lost.
 */
import type { Cloud } from "./declaration.ts";
import type { HostInfo } from "./host-table.ts";

export const keys = {
  cloud: "cloud",
  leader: "leader",
  /** What the leader knows, for whoever is asked on another host. */
  status: "status",
  host: (name: string): string => `host.${name}`,
  assignment: (name: string): string => `assign.${name}`,
  report: (name: string): string => `report.${name}`,
} as const;

export interface CloudRecord {
  readonly cloud: Cloud;
}

export interface LeaderRecord {
  /** The name of its host. */
  readonly holder: string;
  /** Rises with each leader. */
  readonly term: number;
  readonly beat: number;
  /** It has resigned. */
  readonly free: boolean;
}

/** A host's lease: it renews it, and while it does its VMs act. */
export interface HostRecord {
  readonly info: HostInfo;
  /** Of its life, and of each time after it was given up: what was assigned to another one is not for this one. */
  readonly incarnation: number;
  readonly beat: number;
  /** The leader has given it up: its VMs are elsewhere. */
  readonly lost: boolean;
}

/** VMs of a host, by role, as a flat list. Assigned: ordinal, epoch, version. Reported: ordinal, epoch, state (`vmReport`). */
export type VmLists = Readonly<Record<string, readonly number[]>>;

/** All that a host is to run. */
export interface AssignmentRecord {
  readonly term: number;
  /** Rises with each write. */
  readonly seq: number;
  readonly incarnation: number;
  readonly vms: VmLists;
}

export const vmReport = { booting: 1, running: 2, stopping: 3, ended: 4 } as const;

/** All that a host runs, and of what it was to run what has ended. */
export interface ReportRecord {
  readonly incarnation: number;
  /** The `seq` of the assignment that it acts upon. */
  readonly seen: number;
  readonly vms: VmLists;
  /** Why those that have ended have, by `role/ordinal`; not of all, if very many have at once. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Times of a cloud, in ms of clocks that never go back. */
export interface CloudTimes {
  /** Between two renewals of a lease. */
  readonly beatMs: number;
  /** A leader that was not heard of for so long is followed by another one. */
  readonly leaseMs: number;
  /** A host that has not renewed its lease for so long holds its VMs. */
  readonly holdAfterMs: number;
  /** A host that was not heard of for so long is given up. Longer than `holdAfterMs`, by more than clocks drift apart meanwhile. */
  readonly lostAfterMs: number;
  /** Between two reports of a host, and two turns of a leader, at least. */
  readonly paceMs: number;
}

export const defaultTimes: CloudTimes = {
  beatMs: 1000,
  leaseMs: 6000,
  holdAfterMs: 5000,
  lostAfterMs: 8000,
  paceMs: 100,
};

/** Of a host that is the only one: nobody else can have its VMs, however long it stands still. */
export const aloneTimes: CloudTimes = { ...defaultTimes, holdAfterMs: Infinity, lostAfterMs: Infinity };
