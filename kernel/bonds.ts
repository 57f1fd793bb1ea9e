import type { Cell } from "./cell.ts";
import type { ExitReason } from "./exit.ts";
import type { Kernel } from "./kernel.ts";
import { Address, type Home } from "./ref.ts";
import { control } from "./signal.ts";

/** Signals of one actor: who it is linked to, whom it watches, who watches it. Made at first use. */
export class Bonds {
  /** By the key that `bondKey` gives, or `viaKey`: an actor elsewhere may have linked to this one under two names. */
  readonly links = new Map<Address | string, Address>();
  /**
   * Own unlinks that the other VM has not confirmed, by the link's key. Until it has, what comes under that key was said before
   * it knew: an exit of the old link is not heard, and a link is undone there as soon as the unlink arrives, so not made here.
   */
  readonly unlinking = new Map<Address | string, { readonly home: Home; count: number }>();
  /** Own monitors, by their id. */
  readonly monitors = new Map<number, Address>();
  /** Monitors of others on this one, by watcher's VM and id. */
  readonly watchers = new Map<number | string, { readonly watcher: Address; readonly id: number }>();
}

/** Whoever in another VM has linked to a slot here: it knows the slot, and hears of the child's end under its name. */
export class LinkedVia extends Address {
  readonly slot: number;

  constructor(home: Home, serial: number, slot: number) {
    super(home, serial, null);
    this.slot = slot;
  }
}

/**
 * Links and monitors, local and remote. A link is in both ends' tables; a monitor in the watcher's `monitors` and in the
 * target's `watchers`. Each fires exactly once. For another VM, `Peers` knows which actors have bonds with it, so
 * that its loss reaches them.
 *
 * Semantics: OTP "Links", "Monitors"; a link or monitor to what is dead answers `noproc`.
 */
export function bondsOf(cell: Cell): Bonds {
  cell.bonds ??= new Bonds();
  return cell.bonds;
}

/** Addresses of this VM are one object an actor; those of another VM come as copies. */
export const bondKey = (kernel: Kernel, address: Address): Address | string =>
  address.home === kernel.home ? address : address.toString();

/** For a `LinkedVia`. */
export const viaKey = (from: Address, slot: number): string => `${from.toString()} via ${slot}`;

export function link(kernel: Kernel, cell: Cell, to: Address): void {
  const other = kernel.resolve(to);
  if (other === null) return kernel.exitSignal(cell, to, "noproc", true);
  const { links } = bondsOf(cell);
  const key = bondKey(kernel, other);
  if (other === cell.ref) return;
  if (other.cell !== null) {
    links.set(other, other);
    bondsOf(other.cell).links.set(cell.ref, cell.ref);
    return;
  }
  const carrier = kernel.carrierTo(other.home);
  if (carrier === undefined) return kernel.exitSignal(cell, other, "noconnection", true);
  if (links.has(key)) return;
  links.set(key, other);
  kernel.bind(cell, other.home);
  carrier.control(control.link, other.serial, cell.ref.serial, 0, undefined);
}

/** `from`, in another VM, has linked to this one, or to the stable address `slot` in front of it. */
export function linkedFrom(kernel: Kernel, cell: Cell, from: Address, slot: number | undefined): void {
  const { links, unlinking } = bondsOf(cell);
  const key = slot === undefined ? bondKey(kernel, from) : viaKey(from, slot);
  if (unlinking.has(key)) return;
  links.set(key, slot === undefined ? from : new LinkedVia(from.home, from.serial, slot));
  kernel.bind(cell, from.home);
}

/** The other VM has got an unlink. */
export function confirmed(cell: Cell, key: Address | string): void {
  const open = cell.bonds?.unlinking.get(key);
  if (open !== undefined && --open.count === 0) cell.bonds?.unlinking.delete(key);
}

export function unlink(kernel: Kernel, cell: Cell, to: Address): void {
  const other = kernel.resolve(to) ?? to;
  const { bonds } = cell;
  if (bonds === null) return;
  const slot = cell.slot?.ref.serial ?? 0;
  // The other one has linked to this one's stable address: it is the same two that are parted.
  unlinkAway(bonds, viaKey(other, slot), other, slot);
  if (other.cell === null) unlinkAway(bonds, bondKey(kernel, other), other, cell.ref.serial);
  else if (bonds.links.delete(other)) other.cell.bonds?.links.delete(cell.ref);
}

function unlinkAway({ links, unlinking }: Bonds, key: Address | string, other: Address, from: number): void {
  if (!links.delete(key)) return;
  const { home } = other;
  if (home.carrier === undefined) return;
  const open = unlinking.get(key);
  if (open === undefined) unlinking.set(key, { home, count: 1 });
  else open.count++;
  home.carrier.control(control.unlink, other.serial, from, 0, undefined);
}

/** `from`, in another VM, has ended: true if this one is to hear of it. It hears once, under however many names it was linked. */
export function linkEnded(kernel: Kernel, cell: Cell, from: Address, to: number): boolean {
  const { bonds } = cell;
  if (bonds === null) return false;
  let heard = false;
  for (const key of [bondKey(kernel, from), viaKey(from, to), viaKey(from, cell.slot?.ref.serial ?? 0)]) {
    // Under a key that is being unlinked stands a new link, if any: this is the end of the old one.
    if (!bonds.unlinking.has(key) && bonds.links.delete(key)) heard = true;
  }
  return heard;
}

/** The id under which `down` will come. */
export function monitor(kernel: Kernel, cell: Cell, to: Address): number {
  const id = kernel.nextId();
  const other = kernel.resolve(to);
  if (other === null) {
    kernel.down(cell, id, to, "noproc");
    return id;
  }
  if (other.cell !== null) {
    bondsOf(cell).monitors.set(id, other);
    bondsOf(other.cell).watchers.set(id, { watcher: cell.ref, id });
    return id;
  }
  const carrier = kernel.carrierTo(other.home);
  if (carrier === undefined) {
    kernel.down(cell, id, other, "noconnection");
    return id;
  }
  bondsOf(cell).monitors.set(id, other);
  kernel.bind(cell, other.home);
  carrier.control(control.monitor, other.serial, cell.ref.serial, id, undefined);
  return id;
}

export function demonitor(cell: Cell, id: number): boolean {
  const other = cell.bonds?.monitors.get(id);
  if (other === undefined) return false;
  cell.bonds?.monitors.delete(id);
  if (other.cell !== null) other.cell.bonds?.watchers.delete(id);
  else other.home.carrier?.control(control.demonitor, other.serial, cell.ref.serial, id, undefined);
  return true;
}

/** The dying actor's bonds, told to the other ends: links first, then watchers, each once. Stops where one may have died of it. */
export function* release(kernel: Kernel, cell: Cell, reason: ExitReason): Generator<void, void, void> {
  const { bonds, ref } = cell;
  if (bonds === null) return;
  cell.bonds = null;
  for (const other of bonds.links.values()) {
    if (other.home !== kernel.home) {
      const serial = other instanceof LinkedVia ? other.slot : ref.serial;
      other.home.carrier?.control(control.linkExit, other.serial, serial, 0, reason);
    } else if (other.cell !== null && other.cell.bonds?.links.delete(ref) === true) {
      kernel.exitSignal(other.cell, ref, reason, true);
      yield;
    }
  }
  for (const { watcher, id } of bonds.watchers.values()) {
    if (watcher.home !== kernel.home)
      watcher.home.carrier?.control(control.down, watcher.serial, ref.serial, id, reason);
    else if (watcher.cell?.bonds?.monitors.delete(id) === true) kernel.down(watcher.cell, id, ref, reason);
  }
  for (const [id, target] of bonds.monitors) {
    if (target.home !== kernel.home)
      target.home.carrier?.control(control.demonitor, target.serial, ref.serial, id, undefined);
    else target.cell?.bonds?.watchers.delete(id);
  }
}

/** All of one actor's bonds with a VM that is lost. */
export function sever(kernel: Kernel, cell: Cell, home: Home, reason: ExitReason): void {
  const { bonds } = cell;
  if (bonds === null) return;
  for (const [key, open] of bonds.unlinking) if (open.home === home) bonds.unlinking.delete(key);
  for (const [key, { watcher }] of bonds.watchers) if (watcher.home === home) bonds.watchers.delete(key);
  for (const [id, target] of bonds.monitors) {
    if (target.home !== home) continue;
    bonds.monitors.delete(id);
    kernel.down(cell, id, target, reason);
  }
  for (const [key, other] of bonds.links) {
    if (other.home !== home) continue;
    bonds.links.delete(key);
    // Under its other names, too.
    linkEnded(kernel, cell, other, 0);
    kernel.exitSignal(cell, other, reason, true);
  }
}
