import type { Kernel } from "../../../kernel/index.ts";
import type { Violated } from "./ledger.ts";

/** A VM whose root has ended holds nothing any more: no actor, name, timer, call, link or monitor. */
export function checkEmpty(vm: string, kernel: Kernel, violated: Violated): void {
  const actors = Array.from(kernel.actors(), ({ behavior, ref }) => `${behavior.label} ${ref.toString()}`);
  if (actors.length > 0) violated("no leaks", `${vm} has ended with ${actors.join(", ")}`);
  checkCounts(`${vm} has ended with`, countsOf(kernel), violated);
}

/** What a kernel holds, beside actors. */
export function countsOf(kernel: Kernel): Readonly<Record<string, number>> {
  const { timers, calls, names, peers } = kernel;
  return { timers: timers.size, calls: calls.size, names: names.size, bonds: peers.holds };
}

export function checkCounts(
  where: string,
  counts: Readonly<Record<string, number>>,
  violated: Violated,
): void {
  const left = Object.entries(counts).filter(([, count]) => count !== 0);
  if (left.length === 0) return;
  violated("no leaks", `${where} ${left.map(([what, count]) => `${count} ${what}`).join(", ")}`);
}
