import { LinkedVia, Slot, viaKey, Address, Home, type Cell, type Kernel } from "../../../kernel/index.ts";
import type { Violated } from "./ledger.ts";

/** Who is who, where each VM has names of its own for the others. */
export interface Whereabouts {
  /** The kernel of a live VM, as that one calls it. */
  kernelAt(from: Kernel, home: Pick<Home, "host" | "vm">): Kernel | undefined;
  /** What the host of `kernel` is called in the VM of `by`. */
  hostSeen(by: Kernel, kernel: Kernel): string;
}

/**
 * Every link and monitor stands between two that live, and both know of it. Holds whenever nothing is under way between VMs; so
 * one that did not fire when it should have is found here.
 */
export function checkBonds(kernels: Iterable<Kernel>, where: Whereabouts, violated: Violated): void {
  for (const kernel of kernels) {
    for (const cell of kernel.actors()) {
      if (cell.bonds !== null) checkActor(kernel, cell, where, violated);
    }
  }
}

function checkActor(kernel: Kernel, cell: Cell, where: Whereabouts, violated: Violated): void {
  const { bonds, ref } = cell;
  for (const other of bonds?.links.values() ?? []) {
    const there = where.kernelAt(kernel, other);
    const end = otherEnd(kernel, other, there);
    if (there !== undefined) {
      const seen = seenBy(there, kernel, ref, where);
      if (end?.bonds?.links.has(nameThere(kernel, ref, seen, other, end)) === true) continue;
      if (knownToOrphan(there, ({ links }) => links.has(viaKey(seen, other.serial)))) continue;
    }
    violated("links fire", `${ref.toString()} is linked to ${other.toString()}, which ${fate(end)}`);
  }
  for (const [id, target] of bonds?.monitors ?? []) {
    const there = where.kernelAt(kernel, target);
    if (isRelayed(target, there)) continue;
    const end = otherEnd(kernel, target, there);
    const key =
      there === kernel || there === undefined ? id : `${where.hostSeen(there, kernel)}/${ref.vm}/${id}`;
    if (end?.bonds?.watchers.has(key) === true) continue;
    if (knownToOrphan(there, ({ watchers }) => watchers.has(key))) continue;
    violated("monitors fire", `${ref.toString()} watches ${target.toString()} (${id}), which ${fate(end)}`);
  }
}

const fate = (end: Cell | undefined): string => (end === undefined ? "is gone" : "does not know of it");

/** An actor of `kernel` as the VM of `there` calls it. */
const seenBy = (there: Kernel, kernel: Kernel, { vm, serial }: Address, where: Whereabouts): Address =>
  new Address(new Home(where.hostSeen(there, kernel), vm), serial, null);

/** Who stands behind an address now. */
function otherEnd(kernel: Kernel, other: Address, there: Kernel | undefined): Cell | undefined {
  if (other.home === kernel.home) return other.cell ?? undefined;
  return there?.entry(other.serial)?.ref.cell ?? undefined;
}

/** Under which key `end` knows the link that `ref`, which it calls `seen`, has to `other`. */
function nameThere(kernel: Kernel, ref: Address, seen: Address, other: Address, end: Cell): Address | string {
  if (end.kernel === kernel) return ref;
  // It has linked to the stable address in front of `ref`, and knows no other.
  if (other instanceof LinkedVia) return new Address(seen.home, other.slot, null).toString();
  return end.ref.serial === other.serial ? seen.toString() : viaKey(seen, other.serial);
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
function isRelayed({ serial }: Address, there: Kernel | undefined): boolean {
  const entry = there?.entry(serial);
  return entry instanceof Slot && entry.target !== null && entry.target.cell === null;
}
