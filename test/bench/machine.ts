/**
 * Where and beside what a benchmark ran: the machine, the versions, and how much of it others used meanwhile.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release } from "node:os";
import { erlangVersion } from "./erlang.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly node: string;
  /** "not installed" where there is none. */
  readonly erlang: string;
}

/** What else ran: the load average before and after, and the cores that other processes kept busy on average. */
export interface Company {
  readonly loadBefore: number;
  readonly loadAfter: number;
  /** Null where it cannot be told (not Linux). */
  readonly othersCores: number | null;
}

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    os: `${process.platform} ${release()}`,
    node: process.version,
    erlang: (await erlangVersion()) ?? "not installed",
  };
}

/** Begins to watch; the answer ends it. Call the answer after every child has been waited for. */
export function watchCompany(): () => Company {
  const loadBefore = loadavg()[0] ?? 0;
  const startMs = performance.now();
  const before = { all: busyMs(), own: ownMs() };
  return () => {
    const own = ownMs();
    const elapsedMs = performance.now() - startMs;
    const others = own === null || before.own === null ? null : busyMs() - before.all - (own - before.own);
    const othersCores = others === null ? null : Math.max(0, Math.round((others / elapsedMs) * 100) / 100);
    return { loadBefore, loadAfter: loadavg()[0] ?? 0, othersCores };
  };
}

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** CPU time of this process and the children it has waited for, from /proc (ticks of 10 ms on every Linux). */
function ownMs(): number | null {
  if (process.platform !== "linux") return null;
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}
