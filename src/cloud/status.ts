/** How a cloud is, as far as its leader knows: for people and tools. Data only. */
import type { Controller } from "./controller.ts";
import type { Leader } from "./leader.ts";
import type { Planner } from "./planner.ts";
import { obstacles } from "./obstacles.ts";
import type { RoleKeeper } from "./role-keeper.ts";
import { vmState } from "./vm-table.ts";

export interface RoleStatus {
  readonly role: string;
  readonly wanted: number;
  readonly running: number;
  readonly booting: number;
  /** To be placed. */
  readonly pending: number;
  /** After a crash, until they are placed again. */
  readonly waiting: number;
  readonly stopping: number;
  readonly degraded: number;
  /** Of its program and what that is given. */
  readonly fingerprint: string;
}

export interface HostStatus {
  readonly host: string;
  readonly up: boolean;
  readonly vms: number;
  readonly vmsMax: number;
  readonly memoryMb: number;
  readonly memoryMbMax: number;
}

/** A VM that has crashed, and not run for long enough since. */
export interface VmTrouble {
  readonly vm: string;
  readonly crashes: number;
  readonly degraded: boolean;
  readonly reason: string;
}

export interface CloudStatus {
  readonly cloud: string;
  /** The revision of the declaration that all of this is about; 0: there is none. */
  readonly declared: number;
  readonly converged: boolean;
  /** Undefined: nobody, as far as is known. */
  readonly leader: string | undefined;
  /** How old this knowledge is, in ms: since the store was last heard of. */
  readonly knownAgoMs: number;
  readonly roles: readonly RoleStatus[];
  readonly hosts: readonly HostStatus[];
  readonly moneyPerHour: number;
  /** The worst first; not all, if there are many. */
  readonly troubles: readonly VmTrouble[];
  /** Why VMs find no place. */
  readonly obstacles: readonly string[];
}

const troublesMax = 20;

/** What only the leader knows; the others have it from the store. */
export type LeaderStatus = Omit<CloudStatus, "leader" | "knownAgoMs">;

export const statusOf = ({ leadership, contactMs, known }: Controller, nowMs: number): CloudStatus => ({
  leader: leadership.holder,
  knownAgoMs: Math.max(0, Math.round(nowMs - contactMs)),
  ...known,
});

export const leaderStatus = ({ planner, declared }: Leader): LeaderStatus => ({
  cloud: planner.cloud?.name ?? "",
  declared,
  converged: planner.isConverged,
  ...planned(planner),
  moneyPerHour: planner.hosts.moneyPerHour,
  troubles: planner.roles
    .flatMap(troublesOf)
    .toSorted((a, b) => b.crashes - a.crashes)
    .slice(0, troublesMax),
});

/** What is planned, whoever leads. */
export const planned = (planner: Planner): Pick<CloudStatus, "roles" | "hosts" | "obstacles"> => ({
  roles: planner.roles.map(roleStatus),
  hosts: planner.hosts.entries.map(({ info, up, vms, memoryMb }) => ({
    host: info.name,
    up,
    vms,
    vmsMax: info.vmsMax,
    memoryMb,
    memoryMbMax: info.memoryMbMax,
  })),
  obstacles: planner.roles.flatMap((role) => obstacles(planner, role)),
});

/** Of a cloud that nobody has told anything of yet. */
export const noStatus: LeaderStatus = {
  cloud: "",
  declared: 0,
  converged: false,
  roles: [],
  hosts: [],
  moneyPerHour: 0,
  troubles: [],
  obstacles: [],
};

const roleStatus = ({ role, vms, crashes }: RoleKeeper): RoleStatus => ({
  role: role.name,
  wanted: role.count,
  running: vms.count(vmState.running),
  booting: vms.count(vmState.booting),
  pending: vms.count(vmState.pending),
  waiting: vms.count(vmState.waiting),
  stopping: vms.count(vmState.stopping),
  degraded: crashes.degraded.size,
  fingerprint: role.fingerprint,
});

function troublesOf({ role, vms, crashes }: RoleKeeper): readonly VmTrouble[] {
  return [...crashes.reasons].map(([vm, reason]) => ({
    vm: `${role.name}/${vm}`,
    crashes: vms.crashesOf(vm),
    degraded: crashes.degraded.has(vm),
    reason,
  }));
}
