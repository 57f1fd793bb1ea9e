import type { CloudStatus, RoleStatus } from "../../cloud/status.ts";
import { table } from "../table.ts";

const barWidth = 20;

/** A cloud for people: a line for each role, hosts, and what is wrong and why. */
export function statusPage(status: CloudStatus): string {
  const { cloud, converged, leader, knownAgoMs, troubles, obstacles } = status;
  const known =
    knownAgoMs < 5000 ? "" : `; as of ${Math.round(knownAgoMs / 1000)} s ago, when the store last answered`;
  const head = `${cloud || "no cloud"}: ${converged ? "converged" : "not converged"}; led by ${leader ?? "nobody"}${known}`;
  return [
    head,
    rolesTable(status.roles),
    table(
      ["host", "state", "VMs", "MiB"],
      status.hosts.map((host) => [
        host.host,
        host.up ? "up" : "lost",
        `${host.vms} of ${host.vmsMax}`,
        `${host.memoryMb} of ${host.memoryMbMax}`,
      ]),
    ),
    ...obstacles,
    ...troubles.map(
      ({ vm, crashes, degraded, reason }) =>
        `${vm} ${degraded ? "is degraded" : "has ended"}, ${crashes} in a row: ${reason}`,
    ),
  ].join("\n");
}

export const rolesTable = (roles: readonly RoleStatus[]): string =>
  table(
    ["role", "", "running", "booting", "pending", "waiting", "stopping", "degraded"],
    roles.map((each) => [
      each.role,
      bar(each),
      `${each.running}/${each.wanted}`,
      ...[each.booting, each.pending, each.waiting, each.stopping, each.degraded].map(String),
    ]),
  );

function bar({ running, wanted }: RoleStatus): string {
  const part = wanted === 0 ? 1 : Math.min(1, running / wanted);
  const full = running === wanted ? barWidth : Math.min(barWidth - 1, Math.floor(part * barWidth));
  return `[${"#".repeat(full)}${".".repeat(barWidth - full)}]`;
}
