/**
 * The folder below `/dev/shm` in which a host keeps what its VMs share. Its name says whose it is, so that the folders of hosts
 * which were killed can be told from those of the living: process number and start time, within one namespace of processes.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";

export const shmRoot = "/dev/shm";

const prefix = "motes-";
const named = /^motes-(\d+)-(\d+)-(\d+)-[A-Za-z0-9]+$/;

/** A new folder, for this user only (0700). Throws if there is no such file system. */
export function makeShmFolder(root: string = shmRoot): string {
  return mkdtempSync(join(root, `${prefix}${namespace()}-${process.pid}-${startOf("self")}-`));
}

/**
 * Removes the folders of hosts that are gone. Those of other namespaces and other users stay: who lives there is not known here.
 * How many it were.
 */
export function sweepShm(root: string = shmRoot): number {
  const own = namespace();
  let swept = 0;
  for (const name of readdirSync(root)) {
    const [, space, pid = "", start] = named.exec(name) ?? [];
    if (space !== own || startOf(pid) === start) continue;
    try {
      rmSync(join(root, name), { recursive: true, force: true });
      swept++;
    } catch (problem) {
      // Another user's, or another host sweeps too.
      const { code } = problem as NodeJS.ErrnoException;
      if (!["EACCES", "EPERM", "ENOENT", "ENOTEMPTY"].includes(code ?? "")) throw problem;
    }
  }
  return swept;
}

/** Process numbers mean something within one of these only. */
const namespace = (): string => /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";

/** When a process was started, in ticks since the machine was; undefined if there is none of that number. */
function startOf(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is a name that may hold anything, in parentheses; the 22nd is the start.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
