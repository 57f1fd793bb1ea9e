import { sever } from "./bonds.ts";
import { CallMessage } from "./call.ts";
import type { Carrier } from "./carrier.ts";
import type { Cell } from "./cell.ts";
import type { ExitReason } from "./exit.ts";
import type { Kernel } from "./kernel.ts";
import { limits } from "./limits.ts";
import { Home } from "./ref.ts";
import type { Signalled } from "./wait.ts";

/**
 * The other VMs this one has heard of: which carrier leads there, who here has bonds with them, who waits for their carrier to
 * drain. Owns no carrier: the platform makes and closes them.
 */
export class Peers {
  private readonly kernel: Kernel;
  /**
   * Weak: any message may name VMs by the thousand, which may not even exist. Whoever holds an address holds its home, so
   * there never are two of one VM that is not lost.
   */
  private readonly homes = new Map<string, WeakRef<Home>>();
  /** Those with a carrier, and those that were lost: asked again, the platform might not say so. */
  private readonly kept = new Set<Home>();
  /** Of those that were lost, the last ones that never were there. */
  private readonly nobodies = new Set<Home>();
  private sweepAt: number = limits.homesBeforeSweep;
  /** The one asked for last: most messages come from where the one before came from. */
  private recent: Home | undefined = undefined;
  private readonly bound = new Map<Home, Set<Cell>>();
  private readonly blocked = new Map<Home, Cell[]>();
  private readonly waiting = new Map<Home, Signalled[]>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  home(host: string, vm: number): Home {
    const { home: own } = this.kernel;
    if (vm === own.vm && host === own.host) return own;
    const { recent } = this;
    if (recent !== undefined && vm === recent.vm && host === recent.host) return recent;
    const key = keyOf(host, vm);
    const home = this.homes.get(key)?.deref() ?? this.newHome(key, host, vm);
    this.recent = home;
    return home;
  }

  /** Undefined: it is lost, or was never there. */
  carrierTo(home: Home): Carrier | undefined {
    if (home.carrier !== undefined || home.lost) return home.carrier;
    home.carrier = this.kernel.platform.connect(home);
    if (home.carrier === undefined) this.isNobody(home);
    return home.carrier;
  }

  bind(cell: Cell, home: Home): void {
    const cells = this.bound.get(home);
    if (cells === undefined) this.bound.set(home, new Set([cell]));
    else cells.add(cell);
  }

  /** Who has, or has had, bonds with that VM. */
  boundTo(home: Home): Iterable<Cell> {
    return this.bound.get(home) ?? [];
  }

  /** At an actor's death. */
  unbind(cell: Cell): void {
    for (const cells of this.bound.values()) cells.delete(cell);
  }

  /** The actor takes no message until the carrier it has sent into has drained. */
  park(cell: Cell, home: Home): void {
    const cells = this.blocked.get(home);
    if (cells === undefined) this.blocked.set(home, [cell]);
    else cells.push(cell);
  }

  /** At the actor's death. */
  unpark(cell: Cell, home: Home): void {
    const cells = this.blocked.get(home);
    const at = cells?.indexOf(cell) ?? -1;
    if (at >= 0) cells?.splice(at, 1);
  }

  whenDrained(home: Home, wait: Signalled): void {
    const waits = this.waiting.get(home);
    if (waits === undefined) this.waiting.set(home, [wait]);
    else waits.push(wait);
  }

  /** The platform says so when a congested carrier has room again. */
  drained(home: Home): void {
    const cells = this.blocked.get(home) ?? [];
    const waits = this.waiting.get(home) ?? [];
    this.blocked.delete(home);
    this.waiting.delete(home);
    for (const cell of cells) this.kernel.unpark(cell);
    for (const wait of waits) wait.fire();
  }

  /**
   * The VM is gone, or the way to it: whoever has to do with it hears `reason`, once. Its number is never used again. Only the way
   * to a VM of another host may come back: it is asked for anew by whoever sends there next, as in OTP.
   */
  lost(home: Home, reason: ExitReason): void {
    if (home.lost) return;
    const wayOnly = reason === "noconnection" && home.host !== this.kernel.home.host;
    home.lost = !wayOnly;
    home.carrier = undefined;
    if (wayOnly) this.kept.delete(home);
    else if (reason === "noproc") this.remember(home);
    else this.kept.add(home);
    // A Map may shrink while it is walked.
    for (const call of this.kernel.calls.values()) {
      if (call.callee.home === home) call.fail({ type: "exit", reason });
    }
    // Nobody is left to hear these answers: their callees need not remember them.
    for (const cell of this.kernel.actors()) {
      for (const call of CallMessage.of(cell)) if (call.isFrom(home)) call.forget();
    }
    const cells = this.bound.get(home);
    this.bound.delete(home);
    for (const cell of cells ?? []) sever(this.kernel, cell, home, reason);
    this.drained(home);
  }

  /** There is nobody, for now: it is forgotten, so that a VM that gets this number later does not suffer from being named too early. */
  private isNobody(home: Home): void {
    home.lost = true;
    this.homes.delete(keyOf(home.host, home.vm));
    if (this.recent === home) this.recent = undefined;
  }

  /** To be told once more that there is nobody takes a while: the last ones are known by heart. */
  private remember(home: Home): void {
    this.kept.delete(home);
    this.nobodies.add(home);
    const [oldest] = this.nobodies;
    if (oldest !== undefined && this.nobodies.size > limits.homesBeforeSweep) this.nobodies.delete(oldest);
  }

  private newHome(key: string, host: string, vm: number): Home {
    if (this.homes.size >= this.sweepAt) this.sweep();
    const home = new Home(host, vm, (used) => this.kept.add(used));
    this.homes.set(key, new WeakRef(home));
    return home;
  }

  /** Each sweep waits until there are twice as many: a home is looked at a bounded number of times on average. */
  private sweep(): void {
    for (const [key, home] of this.homes) if (home.deref() === undefined) this.homes.delete(key);
    this.sweepAt = Math.max(limits.homesBeforeSweep, 2 * this.homes.size);
  }

  /** VMs it remembers, for the same tests. */
  get known(): number {
    return this.homes.size;
  }

  /** Bonds, blocked actors: for tests that look for leaks. */
  get holds(): number {
    let count = 0;
    for (const cells of this.bound.values()) count += cells.size;
    for (const cells of this.blocked.values()) count += cells.length;
    return count;
  }
}

const keyOf = (host: string, vm: number): string => `${host}/${vm}`;
