import { dirname } from "node:path";
import { loadCloud } from "../../cloud/local/load.ts";
import { type LocalHostOptions, localInfo } from "../../cloud/local/local-host.ts";
import { Programs } from "../../cloud/local/programs.ts";
import { Planner } from "../../cloud/planner.ts";
import { type CloudStatus, planned } from "../../cloud/status.ts";
import type { Cloud } from "../../cloud/declaration.ts";
import { table } from "../table.ts";
import { askRunning } from "./running-cloud.ts";

export interface PlanOptions extends LocalHostOptions {
  readonly file: string;
  readonly json: boolean;
}

interface RolePlan {
  readonly role: string;
  readonly runs: string;
  /** As it is now; 0 if the cloud does not run. */
  readonly now: number;
  readonly wanted: number;
  /** Of those that stay, how many are of another program now. */
  readonly replaced: number;
  readonly unplaced: number;
}

/** `motes cloud plan cloud.ts`: what `up` would change on this machine. The exit status is 0 if all VMs find a place. */
export async function plan({ file, json, ...local }: PlanOptions): Promise<number> {
  const declared = await loadCloud(file);
  // What cannot be bundled is found here and not by `up`.
  const cloud = await new Programs().prepare(declared, dirname(file));
  const planner = new Planner();
  planner.hostUp(localInfo(local), 0);
  planner.declare(cloud, 0);
  const nobody = (): void => {};
  do planner.turn(0, { assign: nobody, withdraw: nobody });
  while (planner.nextDueMs <= 0);
  // Sound: that is what `cloudOperations` answers.
  const now = (await askRunning(cloud.name, undefined, "cloud.status")) as CloudStatus | undefined;
  const { roles: places, obstacles } = planned(planner);
  const roles = cloud.roles.map((role, index) => {
    const present = now?.roles.find((each) => each.role === role.name);
    const vms = present?.running ?? 0;
    return {
      role: role.name,
      runs: role.run.type === "image" ? role.run.file : role.run.command,
      now: vms,
      wanted: role.count,
      replaced: present?.fingerprint === role.fingerprint ? 0 : Math.min(vms, role.count),
      unplaced: places[index]?.pending ?? 0,
    };
  });
  const gone = now?.roles.filter(({ role }) => !roles.some((each) => each.role === role)) ?? [];
  const all = [
    ...roles,
    ...gone.map(({ role, running: vms }) => ({
      role,
      runs: "",
      now: vms,
      wanted: 0,
      replaced: 0,
      unplaced: 0,
    })),
  ];
  process.stdout.write(
    json
      ? `${JSON.stringify({ cloud: cloud.name, isUp: now !== undefined, roles: all, obstacles }, null, 2)}\n`
      : page(cloud, now !== undefined, all, obstacles),
  );
  return obstacles.length === 0 ? 0 : 1;
}

function page(
  { name }: Cloud,
  isUp: boolean,
  roles: readonly RolePlan[],
  obstacles: readonly string[],
): string {
  const rows = roles.map(({ role, runs, now, wanted, replaced, unplaced }) => [
    role,
    runs,
    String(now),
    String(wanted),
    wanted === now ? "" : wanted > now ? `+${wanted - now}` : String(wanted - now),
    [
      ...(replaced === 0 ? [] : [`${replaced} replaced`]),
      ...(unplaced === 0 ? [] : [`${unplaced} without a place`]),
    ].join(", "),
  ]);
  const head = `${name} ${isUp ? "runs here" : "does not run here"}`;
  return `${[head, table(["role", "runs", "now", "wanted", "change", ""], rows), ...obstacles].join("\n")}\n`;
}
