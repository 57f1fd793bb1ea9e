/** What /proc says of the processes of a port: its group, and its guard. Those that only wait to be reaped are not counted. */
import { readdirSync, readFileSync } from "node:fs";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly command: string;
}

function processes(): readonly Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" || state === "X") return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      return [{ pid: Number(name), parent: Number(parent), group: Number(group), command }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

/** The processes of a group. */
export const inGroup = (group: number): readonly number[] =>
  processes()
    .filter((process) => process.group === group)
    .map(({ pid }) => pid);

/** The guards that a process has started. */
export const guardsOf = (parent: number): readonly number[] =>
  processes()
    .filter((process) => process.parent === parent && process.command.includes("motes-port-guard"))
    .map(({ pid }) => pid);

/** Of a process that is there. */
export const parentOf = (pid: number): number =>
  processes().find((process) => process.pid === pid)?.parent ?? -1;

export const isThere = (pid: number): boolean => processes().some((process) => process.pid === pid);
