/**
 * The planner of a cloud: what is wanted (a declaration), what is there (hosts, and what they say of their VMs) and the time come in;
 * which host is to have which VM goes out. Level-triggered and idempotent: a turn in which nothing has changed does nothing. The same
 * calls lead to the same orders. It knows no clock, no store and no network, and an epoch that it gives is never given again.
 */
import type { Cloud } from "./declaration.ts";
import type { CloudEvent, Told } from "./event.ts";
import { type HostEntry, type HostInfo, HostTable } from "./host-table.ts";
import { obstacles } from "./obstacles.ts";
import { RoleKeeper } from "./role-keeper.ts";
import type { Orders, Surroundings } from "./surroundings.ts";

export interface PlannerOptions {
  readonly seed?: number;
  /** Of the leader that plans: its epochs are above those of all leaders before it. From 1. */
  readonly term?: number;
  readonly onEvent?: (event: CloudEvent) => void;
}

/** Epochs of one term. */
const epochsPerTerm = 2 ** 32;
const noBudget = { vms: 0, memoryMb: 0, moneyPerHour: 0 };

export class Planner {
  readonly hosts = new HostTable();
  readonly roles: RoleKeeper[] = [];
  cloud: Cloud | undefined;
  private readonly byName = new Map<string, RoleKeeper>();
  private readonly options: PlannerOptions;
  private nowMs = 0;
  private epoch: number;
  /** Things that may have made room. */
  private changes = 0;
  /** Since when it is not as it should be; -1: it is. */
  private unsettledMs = -1;

  constructor(options: PlannerOptions = {}) {
    this.options = options;
    this.epoch = (options.term ?? 1) * epochsPerTerm;
  }

  get isConverged(): boolean {
    return this.cloud !== undefined && this.roles.every(({ isConverged }) => isConverged);
  }

  /** When there is something to do, if nothing happens before. */
  get nextDueMs(): number {
    return this.roles.reduce((least, { nextDueMs }) => Math.min(least, nextDueMs), Infinity);
  }

  /** Roles that it has no more are ended. */
  declare(cloud: Cloud, nowMs: number): void {
    this.at(nowMs);
    this.cloud = cloud;
    this.changes += 1;
    if (this.unsettledMs === -1) this.unsettledMs = this.nowMs;
    const named = new Map(cloud.roles.map((role) => [role.name, role]));
    for (const role of cloud.roles) this.keeperOf(role.name);
    for (const keeper of this.roles)
      keeper.declare(named.get(keeper.role.name) ?? { ...keeper.role, count: 0 }, this.nowMs);
    this.tell({ type: "declared", vms: cloud.roles.reduce((sum, { count }) => sum + count, 0) });
  }

  role(name: string): RoleKeeper | undefined {
    return this.byName.get(name);
  }

  /** It is there, as new or again; what it ran before it was lost does not act any more. */
  hostUp(info: HostInfo, nowMs: number): HostEntry {
    this.at(nowMs);
    const was = this.hosts.named(info.name)?.up === true;
    const entry = this.hosts.put(info);
    for (const keeper of this.roles) keeper.hostUp(entry);
    this.changes += 1;
    if (!was) this.tell({ type: "host_up", host: info.name });
    return entry;
  }

  /** None of its VMs acts any more: all of them are placed anew. */
  hostLost(name: string, nowMs: number): void {
    this.at(nowMs);
    const entry = this.hosts.named(name);
    if (entry === undefined || !entry.up) return;
    this.tell({ type: "host_lost", host: name, vms: entry.vms });
    entry.up = false;
    for (const keeper of this.roles) keeper.hostLost(entry, this.nowMs);
  }

  /** A host says that this VM is ready. False: it is not the one that should be there, and has to end. */
  started(role: string, ordinal: number, epoch: number, nowMs: number): boolean {
    this.at(nowMs);
    return this.byName.get(role)?.started(ordinal, epoch, this.nowMs) === true;
  }

  /** A host says that this VM is not there any more. False: it is not the one that should be. */
  ended(role: string, ordinal: number, epoch: number, reason: string, nowMs: number): boolean {
    this.at(nowMs);
    return this.byName.get(role)?.ended(ordinal, epoch, reason, this.nowMs) === true;
  }

  /** What follows from all that was said so far. */
  turn(nowMs: number, orders: Orders): void {
    this.at(nowMs);
    for (const keeper of this.roles) keeper.turn(this.nowMs, orders, this.changes);
    const converged = this.isConverged;
    if (converged && this.unsettledMs !== -1) {
      this.tell({ type: "converged", vms: this.hosts.vms, tookMs: this.nowMs - this.unsettledMs });
      this.unsettledMs = -1;
    } else if (!converged && this.unsettledMs === -1) this.unsettledMs = this.nowMs;
  }

  private keeperOf(name: string): RoleKeeper {
    const known = this.byName.get(name);
    const role = this.cloud?.roles.find((each) => each.name === name);
    if (known !== undefined || role === undefined) {
      if (known === undefined) throw new RangeError(`no role ${name}`);
      return known;
    }
    const made = new RoleKeeper(this.roles.length, role, this.around());
    this.roles.push(made);
    this.byName.set(name, made);
    return made;
  }

  private around(): Surroundings {
    return {
      hosts: this.hosts,
      budget: () => this.cloud?.budget ?? noBudget,
      seed: this.options.seed ?? 1,
      nextEpoch: () => ++this.epoch,
      freed: (host) => this.freed(host),
      meets: (role, host) => this.meets(role, host),
      tell: (event) => this.tell(event),
      explain: (role) => obstacles(this, role).join("; "),
    };
  }

  private freed(host: HostEntry): void {
    this.changes += 1;
    for (const { candidates } of this.roles) {
      candidates.retry(host.index);
      if (host.vms === 0) candidates.retryUnpaid();
    }
  }

  private meets(role: RoleKeeper, host: number): boolean {
    return this.roles.some(
      (other) =>
        other !== role &&
        other.vms.countOn(host) > 0 &&
        (role.role.apart.includes(other.role.name) || other.role.apart.includes(role.role.name)),
    );
  }

  /** A clock that goes back stands still. */
  private at(nowMs: number): void {
    if (nowMs > this.nowMs) this.nowMs = nowMs;
  }

  private tell(event: Told): void {
    // Sound: a `Told` is an event without its time.
    this.options.onEvent?.({ ...event, atMs: this.nowMs } as CloudEvent);
  }
}
