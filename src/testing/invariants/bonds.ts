import { LinkedVia, Slot, viaKey, type Address, type Cell, type Kernel } from "../../../kernel/index.ts";
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
    if (end?.bonds?.links.has(nameThere(kernel, ref, other, end)) === true) continue;
    if (knownToOrphan(kernelOf(other.vm), ({ links }) => links.has(viaKey(ref, other.serial)))) continue;
    violated("links fire", `${ref.toString()} is linked to ${other.toString()}, which ${fate(end)}`);
  }
  for (const [id, target] of bonds?.monitors ?? []) {
    if (isRelayed(target, kernelOf)) continue;
    const end = otherEnd(kernel, target, kernelOf);
    const key = end?.kernel === kernel ? id : `/${ref.vm}/${id}`;
    if (end?.bonds?.watchers.has(key) === true) continue;
    if (knownToOrphan(kernelOf(target.vm), ({ watchers }) => watchers.has(key))) continue;
    violated("monitors fire", `${ref.toString()} watches ${target.toString()} (${id}), which ${fate(end)}`);
  }
}

const fate = (end: Cell | undefined): string => (end === undefined ? "is gone" : "does not know of it");

/** Who stands behind an address now. */
function otherEnd(kernel: Kernel, other: Address, kernelOf: KernelOf): Cell | undefined {
  if (other.home === kernel.home) return other.cell ?? undefined;
  return kernelOf(other.vm)?.entry(other.serial)?.ref.cell ?? undefined;
}

/** Under which key `end` knows the link that `ref` has to `other`. */
function nameThere(kernel: Kernel, ref: Address, other: Address, end: Cell): Address | string {
  if (end.kernel === kernel) return ref;
  // It has linked to the stable address in front of `ref`, and knows no other.
  if (other instanceof LinkedVia) return `<${ref.vm}.${other.slot}>`;
  return end.ref.serial === other.serial ? ref.toString() : viaKey(ref, other.serial);
}

/** A stable address whose owner has ended since: the one it led to may live on, and then knows of the bond. */
function knownToOrphan(
  kernel: Kernel | undefined,
  knows: (bonds: NonNullable<Cell["bonds"]>) => boolean,
): boolean {
  if (kernel === undefined) return false;
  return Array.from(kernel.actors()).some(({ bonds }) => bonds !== null && knows(bonds));
}

/** By a stable address to a child in a third VM: only the one in between knows both ends. */
function isRelayed({ vm, serial }: Address, kernelOf: KernelOf): boolean {
  const entry = kernelOf(vm)?.entry(serial);
  return entry instanceof Slot && entry.target !== null && entry.target.cell === null;
}
