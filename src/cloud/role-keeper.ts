/**
 * Keeps one role true: a state machine for each of its VMs, and the queues of those that have something due, so that a turn costs what has
 * changed. It decides where VMs go, when they come back and which are replaced. It knows no clock, no host's name and no store.
 */
import { hash32 } from "./backoff.ts";
import { type Crash, Crashes } from "./crashes.ts";
import type { Role } from "./declaration.ts";
import { unavailableMax } from "./check-role.ts";
import { Candidates, type Lack } from "./candidates.ts";
import { Churn } from "./churn.ts";
import { type HostEntry, lack } from "./host-table.ts";
import { OrdinalQueue } from "./ordinal-queue.ts";
import type { Orders, Surroundings } from "./surroundings.ts";
import { vmState, VmTable } from "./vm-table.ts";

const { none, pending, booting, running, stopping, waiting } = vmState;

const placementsPerTurn = 20_000;

export class RoleKeeper {
  readonly index: number;
  readonly vms = new VmTable();
  role: Role;
  version: number;
  candidates: Candidates;
  readonly crashes: Crashes;
  /** Since when its first VM finds no place: the number of changes by then. -1: all do. */
  private blockedAt = -1;
  private readonly around: Surroundings;
  private readonly queue = new OrdinalQueue();
  private readonly surplus = new OrdinalQueue();
  private readonly stale = new OrdinalQueue();
  /** MiB of a VM, by the version that it is of. */
  private readonly memoryMb = new Map<number, number>();
  /** Those that are to come back elsewhere. */
  private readonly movers = new Set<number>();
  private readonly churn: Churn;
  /** Those that it has retired, until they run again; no others. */
  private readonly renewed = new Set<number>();
  private updating = false;
  /** Placements that this turn may still make: a leader has other things to do. */
  private left: number = placementsPerTurn;

  constructor(index: number, role: Role, around: Surroundings) {
    this.index = index;
    this.around = around;
    this.role = { ...role, count: 0 };
    this.version = hash32(role.fingerprint);
    this.memoryMb.set(this.version, role.memoryMb);
    this.crashes = new Crashes(this.vms, around.tell);
    this.candidates = this.fresh();
    this.churn = new Churn(around.seed + index);
  }

  /** VMs that are not there and should be. */
  get unavailable(): number {
    return Math.max(0, this.role.count - this.vms.count(running));
  }

  /** VMs that are to be placed and are not. */
  get unplaced(): number {
    return this.vms.count(pending);
  }

  get isBlocked(): boolean {
    return this.blockedAt !== -1;
  }

  /** As many as there should be, of the present version, and none else. */
  get isConverged(): boolean {
    const { vms, role, stale, surplus } = this;
    if (surplus.size > 0 || vms.count(running) > role.count) return false;
    if (stale.size > 0 || this.isBlocked) return false;
    // With churn some are always away.
    return this.unavailable <= this.renewed.size && vms.count(stopping) <= this.renewed.size;
  }

  get nextDueMs(): number {
    return this.left === 0 ? 0 : Math.min(this.crashes.nextDueMs, this.churn.dueMs);
  }

  declare(role: Role, nowMs: number): void {
    const { vms } = this;
    const before = this.role;
    const version = hash32(role.fingerprint);
    this.role = role;
    vms.reach(role.count);
    for (let vm = before.count; vm < role.count; vm++) if (vms.state(vm) === none) this.enqueue(vm, nowMs);
    for (let vm = role.count; vm < before.count; vm++) this.surplus.push(vm);
    this.candidates = this.fresh();
    this.churn.declare(role, nowMs);
    this.blockedAt = -1;
    if (this.queue.size > 2 * role.count + 16) this.requeue();
    if (version === this.version && sameHosts(before, role)) return;
    this.version = version;
    this.memoryMb.set(version, role.memoryMb);
    this.renew(nowMs);
  }

  hostUp(host: HostEntry): void {
    const { vms, candidates } = this;
    candidates.add(host);
    if (candidates.fits(host.index)) return;
    for (let vm = vms.firstOn(host.index); vm !== -1; vm = vms.nextOn(vm)) this.stale.push(vm);
  }

  /** All that it had of this role has ended, or does not act any more. */
  hostLost(host: HostEntry, nowMs: number): void {
    this.candidates.remove(host.index);
    for (let vm = this.vms.firstOn(host.index); vm !== -1; vm = this.vms.firstOn(host.index)) {
      this.leave(vm, host);
      this.movers.delete(vm);
      this.renewed.delete(vm);
      this.again(vm, nowMs);
    }
  }

  /** False: another placement is the present one. */
  started(vm: number, epoch: number, nowMs: number): boolean {
    const { vms } = this;
    if (!this.isPresent(vm, epoch)) return false;
    if (vms.state(vm) !== booting) return true;
    vms.setState(vm, running, nowMs);
    this.renewed.delete(vm);
    this.crashes.started(vm, this.role, nowMs);
    if (this.isStale(vm)) this.stale.push(vm);
    return true;
  }

  /** By itself or as it was told to. False: another placement is the present one. */
  ended(vm: number, epoch: number, reason: string, nowMs: number): boolean {
    if (!this.isPresent(vm, epoch)) return false;
    const state = this.vms.state(vm);
    const ranMs = state === running ? nowMs - this.vms.sinceMs(vm) : 0;
    const host = this.around.hosts.at(this.vms.host(vm));
    this.leave(vm, host);
    if (state === stopping || vm >= this.role.count) this.again(vm, nowMs);
    else this.crashed(vm, { reason, ranMs, host: host.info.name }, nowMs);
    return true;
  }

  /** A placement that another planner has made before this one. Of two for one VM the later one counts; the host of the other goes to `older`. */
  adopt(vm: number, host: HostEntry, placed: Placed, nowMs: number, older: (host: number) => void): void {
    const { vms } = this;
    vms.reach(vm + 1);
    const state = vms.state(vm);
    if (state === booting || state === running || state === stopping) {
      if (vms.epoch(vm) >= placed.epoch) return older(host.index);
      older(vms.host(vm));
      this.leave(vm, this.around.hosts.at(vms.host(vm)));
    }
    if (!this.memoryMb.has(placed.version)) this.memoryMb.set(placed.version, this.role.memoryMb);
    this.enter(vm, host, placed.epoch, placed.version);
    vms.setState(vm, placed.running ? running : booting, nowMs);
    if (vm >= this.role.count || !placed.running) this.surplus.push(vm);
    else if (this.isStale(vm)) this.stale.push(vm);
  }

  /** One that a planner before this one has withdrawn, and that has not ended yet. */
  adoptStopping(vm: number, host: HostEntry, epoch: number, nowMs: number): void {
    const { vms } = this;
    vms.reach(vm + 1);
    const state = vms.state(vm);
    if (state === booting || state === running || state === stopping) return;
    this.enter(vm, host, epoch, this.version);
    vms.setState(vm, stopping, nowMs);
  }

  /** `changes`: the number of things that may have made room so far. */
  turn(nowMs: number, orders: Orders, changes: number): void {
    this.left = placementsPerTurn;
    this.endSurplus(nowMs, orders);
    this.crashes.wake(this.role, nowMs, (vm) => this.again(vm, nowMs));
    this.churnSome(nowMs, orders);
    this.replaceStale(nowMs, orders);
    this.placePending(nowMs, orders, changes);
  }

  /** Why one more VM cannot be there. */
  lack(host: number): Lack | undefined {
    const { hosts, budget, meets } = this.around;
    if (this.vms.countOn(host) >= this.role.perHostMax) return "perHostMax";
    return (
      lack(hosts, hosts.at(host), this.role.memoryMb, budget()) ?? (meets(this, host) ? "apart" : undefined)
    );
  }

  private fresh(): Candidates {
    const made = new Candidates(this.role, {
      lack: (host) => this.lack(host),
      countOn: (host) => this.vms.countOn(host),
    });
    for (const host of this.around.hosts.entries) if (host.up) made.add(host);
    return made;
  }

  /** Each VM is looked at once for another program or other hosts. */
  private renew(nowMs: number): void {
    const { vms, role } = this;
    this.stale.clear();
    for (let vm = 0; vm < role.count; vm++) {
      if (vms.state(vm) === waiting) this.enqueue(vm, nowMs);
      else if (vms.state(vm) === booting) this.surplus.push(vm);
      else if (vms.state(vm) === running && this.isStale(vm)) this.stale.push(vm);
    }
    this.crashes.forgetAll();
    this.updating = this.stale.size > 0;
    if (this.updating) this.around.tell({ type: "updating", role: role.name, vms: this.stale.size });
  }

  private isStale(vm: number): boolean {
    return this.vms.version(vm) !== this.version || !this.candidates.fits(this.vms.host(vm));
  }

  private isPresent(vm: number, epoch: number): boolean {
    const state = this.vms.state(vm);
    return this.vms.epoch(vm) === epoch && (state === booting || state === running || state === stopping);
  }

  private enqueue(vm: number, nowMs: number): void {
    this.vms.setState(vm, pending, nowMs);
    this.queue.push(vm);
  }

  /** Drops those that it holds twice or for nothing. */
  private requeue(): void {
    this.queue.clear();
    for (let vm = 0; vm < this.role.count; vm++) if (this.vms.state(vm) === pending) this.queue.push(vm);
  }

  /** It is placed anew if it is wanted. */
  private again(vm: number, nowMs: number): void {
    if (vm < this.role.count) this.enqueue(vm, nowMs);
    else this.vms.setState(vm, none, nowMs);
  }

  private enter(vm: number, host: HostEntry, epoch: number, version: number): void {
    this.vms.place(vm, host.index, epoch, version);
    this.around.hosts.take(host, this.memoryOf(vm));
    this.candidates.changed(host.index, 1);
  }

  private leave(vm: number, host: HostEntry): void {
    this.vms.unplace(vm);
    this.around.hosts.free(host, this.memoryOf(vm));
    this.candidates.changed(host.index, -1);
    this.around.freed(host);
  }

  private memoryOf(vm: number): number {
    return this.memoryMb.get(this.vms.version(vm)) ?? this.role.memoryMb;
  }

  private crashed(vm: number, crash: Crash, nowMs: number): void {
    this.renewed.delete(vm);
    const waits = this.crashes.crashed(vm, crash, this.role, nowMs);
    if (!waits) this.enqueue(vm, nowMs);
    if (this.vms.crashesOf(vm) > 1) this.movers.add(vm);
  }

  private stop(vm: number, nowMs: number, orders: Orders): void {
    this.vms.setState(vm, stopping, nowMs);
    orders.withdraw(this.vms.host(vm), this, vm);
  }

  private endSurplus(nowMs: number, orders: Orders): void {
    for (let vm = this.surplus.shift(); vm !== -1; vm = this.surplus.shift()) {
      const state = this.vms.state(vm);
      // One that boots what is wanted no more need not come up first.
      if (vm < this.role.count && !(state === booting && this.isStale(vm))) continue;
      if (state === booting || state === running) this.stop(vm, nowMs, orders);
      else if (state !== stopping) this.vms.setState(vm, none, nowMs);
      this.crashes.forget(vm);
      this.renewed.delete(vm);
    }
  }

  private churnSome(nowMs: number, orders: Orders): void {
    const most = unavailableMax(this.role);
    while (this.churn.dueMs <= nowMs) {
      const vm = this.churn.take(nowMs);
      if (this.unavailable >= most || this.vms.state(vm) !== running) continue;
      this.movers.add(vm);
      this.renewed.add(vm);
      this.stop(vm, nowMs, orders);
    }
  }

  private replaceStale(nowMs: number, orders: Orders): void {
    const most = unavailableMax(this.role);
    while (this.stale.size > 0 && this.unavailable < most) {
      const vm = this.stale.shift();
      if (vm < this.role.count && this.vms.state(vm) === running && this.isStale(vm))
        this.stop(vm, nowMs, orders);
    }
    if (!this.updating || this.stale.size > 0 || this.unavailable > 0) return;
    this.updating = false;
    this.around.tell({ type: "updated", role: this.role.name });
  }

  private placePending(nowMs: number, orders: Orders, changes: number): void {
    const { vms, queue, role, around } = this;
    const { hosts } = around;
    const budget = around.budget();
    if (queue.size === 0 || this.blockedAt === changes) return;
    while (queue.size > 0 && this.left > 0) {
      const vm = queue.peek();
      if (vms.state(vm) === pending && vm < role.count) {
        const paid = hosts.vms < budget.vms && hosts.memoryMb + role.memoryMb <= budget.memoryMb;
        const host = paid ? this.candidates.choose(this.movers.has(vm) ? vms.host(vm) : -1) : -1;
        if (host === -1) return this.block(changes);
        const epoch = around.nextEpoch();
        this.movers.delete(vm);
        this.enter(vm, hosts.at(host), epoch, this.version);
        vms.setState(vm, booting, nowMs);
        orders.assign(host, this, vm, epoch);
        this.left -= 1;
      }
      queue.shift();
    }
    if (this.isBlocked) around.tell({ type: "unblocked", role: role.name });
    this.blockedAt = -1;
  }

  private block(changes: number): void {
    const was = this.blockedAt;
    this.blockedAt = changes;
    if (was !== -1) return;
    const { role, queue, around } = this;
    around.tell({ type: "blocked", role: role.name, vms: queue.size, why: around.explain(this) });
  }
}

interface Placed {
  readonly epoch: number;
  readonly version: number;
  readonly running: boolean;
}

/** Whether the same hosts are fit for both. */
const sameHosts = (one: Role, other: Role): boolean =>
  JSON.stringify([one.regions, one.labels, one.spread?.over]) ===
  JSON.stringify([other.regions, other.labels, other.spread?.over]);
