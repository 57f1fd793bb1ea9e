import type { Budget } from "./declaration.ts";
import type { Told } from "./event.ts";
import type { HostEntry, HostTable } from "./host-table.ts";
import type { RoleKeeper } from "./role-keeper.ts";

/** What a host is to be told. */
export interface Orders {
  assign(host: number, role: RoleKeeper, ordinal: number, epoch: number): void;
  withdraw(host: number, role: RoleKeeper, ordinal: number): void;
}

/** What a role needs of the cloud that it is part of. */
export interface Surroundings {
  readonly hosts: HostTable;
  readonly budget: () => Required<Budget>;
  readonly seed: number;
  readonly nextEpoch: () => number;
  /** Others may find room there now. */
  readonly freed: (host: HostEntry) => void;
  /** Whether one of the roles that this one stays apart from is there. */
  readonly meets: (role: RoleKeeper, host: number) => boolean;
  readonly tell: (event: Told) => void;
  /** For people, and not cheap: it looks at every host. */
  readonly explain: (role: RoleKeeper) => string;
}
