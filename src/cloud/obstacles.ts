/**
 * Why VMs of a role find no place, for people: which constraint fails, on how many hosts, and by how much. It looks at every host, so it
 * is asked when something is wrong, and not at each placement.
 */
import { type HostEntry, misfit, roomFor } from "./host-table.ts";
import type { Planner } from "./planner.ts";
import type { RoleKeeper } from "./role-keeper.ts";

/** One line each; empty if nothing stands in the way. */
export function obstacles(planner: Planner, keeper: RoleKeeper): readonly string[] {
  const { role } = keeper;
  const missing = keeper.unplaced;
  // What is placed in the next turn only waits for it.
  if (missing === 0 || !keeper.isBlocked) return [];
  const head = `${role.name}: ${missing} of ${role.count} VMs find no place`;
  const spent = overBudget(planner, keeper, missing);
  if (spent !== undefined) return [`${head}: ${spent}`];
  const up = planner.hosts.entries.filter((host) => host.up);
  if (up.length === 0) return [`${head}: there is no host`];
  const why = new Map<string, number>();
  for (const host of up) {
    const text = obstacleOn(host, keeper);
    why.set(text, (why.get(text) ?? 0) + 1);
  }
  const texts = [...why].map(([text, hosts]) => `${hosts} of ${up.length} hosts ${text}`);
  return [`${head}: ${[...texts, ...shortBy(up, keeper, missing)].join(", ")}`];
}

function overBudget({ hosts, cloud }: Planner, { role }: RoleKeeper, missing: number): string | undefined {
  const { vms = 0, memoryMb = 0 } = cloud?.budget ?? {};
  const over = hosts.vms + missing - vms;
  if (over > 0 && hosts.vms >= vms) return `the budget of ${vms} VMs is short by ${over}`;
  const overMb = hosts.memoryMb + missing * role.memoryMb - memoryMb;
  if (hosts.memoryMb + role.memoryMb > memoryMb) return `the budget of ${memoryMb} MiB is short by ${overMb}`;
  return undefined;
}

function obstacleOn(host: HostEntry, keeper: RoleKeeper): string {
  const { role } = keeper;
  const unfit = misfit(host.info, role);
  if (unfit !== undefined) return `lack ${unfit}`;
  if (roomFor(host.info, role) < 1) return `are too small for one VM of ${role.memoryMb} MiB`;
  switch (keeper.lack(host.index)) {
    case "VMs":
      return "have all the VMs that they can hold";
    case "memory":
      return "have no memory left";
    case "money":
      return "cost more than is left of the budget's moneyPerHour";
    case "apart":
      return `have VMs of a role that it stays apart from`;
    case "perHostMax":
      return `have perHostMax ${role.perHostMax}`;
    default:
      return `have room, and maxSkew ${role.spread?.maxSkew} forbids it`;
  }
}

/** What more hosts of the kind would have to bring. */
function shortBy(up: readonly HostEntry[], { role }: RoleKeeper, missing: number): readonly string[] {
  const fit = up.filter((host) => misfit(host.info, role) === undefined);
  if (fit.length === 0) return [];
  return [`short by ${missing} VMs or ${Math.ceil(missing * role.memoryMb)} MiB on hosts that fit`];
}
