import { Slot, type Address, type Cell, type Kernel } from "../../../kernel/index.ts";
import type { Violated } from "./ledger.ts";

/** The kernel of a live VM. */
export type KernelOf = (vm: number) => Kernel | undefined;

/**
 * Every link and monitor stands between two that live, and both know of it. Holds whenever nothing is under way between VMs; so
 * one that did not fire when it should have is found here.
 */
export function checkBonds(kernels: Iterable<Kernel>, kernelOf: KernelOf, violated: Violated): void {
  for (const kernel of kernels) {
    for (const cell of kernel.actors()) {
      if (cell.bonds !== null) checkActor(kernel, cell, kernelOf, violated);
    }
  }
}

function checkActor(kernel: Kernel, cell: Cell, kernelOf: KernelOf, violated: Violated): void {
  const { bonds, ref } = cell;
  for (const other of bonds?.links.values() ?? []) {
    const end = otherEnd(kernel, other, kernelOf);
    if (end === "elsewhere") continue;
    const known = end?.bonds?.links.has(end.kernel === kernel ? ref : ref.toString()) === true;
    if (!known)
      violated("links fire", `${ref.toString()} is linked to ${other.toString()}, which ${fate(end)}`);
  }
  for (const [id, target] of bonds?.monitors ?? []) {
    const end = otherEnd(kernel, target, kernelOf);
    if (end === "elsewhere") continue;
    const key = end?.kernel === kernel ? id : `/${ref.vm}/${id}`;
    if (end?.bonds?.watchers.has(key) !== true)
      violated("monitors fire", `${ref.toString()} watches ${target.toString()} (${id}), which ${fate(end)}`);
  }
}

const fate = (end: Cell | undefined): string => (end === undefined ? "is gone" : "does not know of it");

/** `elsewhere`: behind a stable address, in a VM that only the one in between knows. */
function otherEnd(kernel: Kernel, other: Address, kernelOf: KernelOf): Cell | undefined | "elsewhere" {
  if (other.home === kernel.home) return other.cell ?? undefined;
  const entry = kernelOf(other.vm)?.entry(other.serial);
  if (entry instanceof Slot) return "elsewhere";
  return entry;
}
