/**
 * A host's own side of a cloud: it renews its lease, makes what it runs what it was assigned, and reports. Level-triggered: whatever it
 * missed, the present assignment says all. Without the store it goes on running what it runs; after `holdAfterMs` it holds those VMs
 * whose identity nobody else may have, until it has its lease again. If it was given up meanwhile, they end before they are let go.
 */
import { hash32 } from "./backoff.ts";
import type { CloudHost, CloudHostEvents, VmOrder } from "./cloud-host.ts";
import type { Cloud, Role } from "./declaration.ts";
import { HostLease } from "./host-lease.ts";
import {
  type AssignmentRecord,
  type CloudRecord,
  type CloudTimes,
  keys,
  type LeaderRecord,
  type ReportRecord,
  vmReport,
} from "./records.ts";
import type { CloudStore } from "./store.ts";

/** VMs that make a report come `paceMs` later. */
const vmsPerPace = 500;

/** Of all reasons in a report, so that whatever ends at once it fits into one value of the store. */
const reasonCharactersMax = 128 * 1024;
const reasonLengthMax = 1000;

interface AgentVm extends VmOrder {
  state: "booting" | "running" | "stopping" | "ended";
  reason: string;
  /** The last round in which it was wanted. */
  round: number;
}

export class HostAgent implements CloudHostEvents {
  readonly lease: HostLease;
  private readonly host: CloudHost;
  private readonly store: CloudStore;
  private readonly times: CloudTimes;
  private readonly now: () => number;
  private readonly vms = new Map<string, Map<number, AgentVm>>();
  private readonly unwatch: readonly (() => void)[];
  private unwatchLeader: () => void = () => {};
  /** As they are declared now. Undefined: nothing is. */
  private roles: ReadonlyMap<string, Role> | undefined;
  private assignment: AssignmentRecord | undefined;
  /** The last one that was acted upon. */
  private followed: AssignmentRecord | undefined;
  /** The newest leader's that it knows of: what an older one says comes too late. */
  private term = 0;
  /** It has looked who leads since it has joined. */
  private isLed = false;
  private booting = 0;
  /** Those that wait for others to have booted, as of the last round; in the end the first. */
  private backlog: VmOrder[] = [];
  private round = 0;
  /** VMs that are not gone, ended ones not counted. */
  private alive = 0;
  private reconcile = false;
  private unreported = true;
  private reportRevision = 0;
  private reportedMs = -Infinity;
  private reporting = false;

  constructor(
    host: CloudHost,
    given: { readonly store: CloudStore; readonly times: CloudTimes; readonly now: () => number },
  ) {
    this.host = host;
    this.store = given.store;
    this.times = given.times;
    this.now = given.now;
    this.lease = new HostLease(host, given, {
      hold: (held) => this.holdAll(held),
      fenced: () => this.end(),
      isEmpty: () => this.alive === 0,
      joined: () => this.joined(),
    });
    const none = (): void => {};
    const { name } = host.info;
    this.unwatch = [
      // Sound: these keys hold what their names say.
      this.store.watch(keys.cloud, ({ value }) => this.declared((value as CloudRecord).cloud), none),
      this.store.watch(keys.assignment(name), ({ value }) => this.assigned(value as AssignmentRecord), none),
    ];
  }

  /** Answers when it wants the next one. */
  turn(): number {
    const nextMs = this.lease.turn();
    if (this.reconcile && this.lease.isValid) this.follow();
    const nowMs = this.now();
    if (!this.unreported || this.lease.incarnation === 0) return nextMs;
    const dueMs = this.reportedMs + this.paceMs;
    if (this.reporting || nowMs < dueMs) return Math.min(nextMs, Math.max(dueMs, nowMs + this.times.paceMs));
    this.report(nowMs);
    return nextMs;
  }

  /** Between two reports. Each is whole, so with many VMs they come further apart: else many that start one by one cost their square. */
  private get paceMs(): number {
    return this.times.paceMs * (1 + this.alive / vmsPerPace);
  }

  close(): void {
    for (const stop of this.unwatch) stop();
    this.unwatchLeader();
    this.lease.close();
  }

  started(order: VmOrder): void {
    const vm = this.at(order);
    if (vm === undefined || vm.state !== "booting") return;
    this.booting -= 1;
    vm.state = "running";
    this.bootNext();
    this.unreported = true;
    if (this.lease.isHolding) this.hold(vm, true);
  }

  ended(order: VmOrder, reason: string): void {
    const vm = this.at(order);
    if (vm === undefined || vm.state === "ended") return;
    if (vm.state === "booting") this.booting -= 1;
    this.alive -= 1;
    vm.state = "ended";
    vm.reason = reason;
    this.reconcile = true;
    this.unreported = true;
  }

  private at({ role, ordinal, epoch }: VmOrder): AgentVm | undefined {
    const vm = this.vms.get(role.name)?.get(ordinal);
    return vm?.epoch === epoch ? vm : undefined;
  }

  private declared({ roles }: Cloud): void {
    this.roles = new Map(roles.map((role) => [role.name, role]));
    this.reconcile = true;
    if (this.lease.isHolding) this.holdAll(true);
  }

  /**
   * Looks who leads now that it is known to whoever leads: one who led before, and does not know better, may not be heard any more.
   */
  private joined(): void {
    this.unreported = true;
    this.isLed = false;
    this.unwatchLeader();
    this.unwatchLeader = this.store.watch(
      keys.leader,
      ({ value }) => {
        // Sound: as the key says.
        const { term } = value as LeaderRecord;
        if (term > this.term) this.term = term;
      },
      () => {
        this.isLed = true;
        this.reconcile = true;
      },
    );
  }

  private assigned(record: AssignmentRecord): void {
    const { assignment } = this;
    if (record.term < this.term || (assignment !== undefined && record.seq <= assignment.seq)) return;
    this.term = record.term;
    this.assignment = record;
    this.reconcile = true;
    this.unreported = true;
  }

  /** What is wanted and not there is booted, what is there and not wanted is ended. */
  private follow(): void {
    const { assignment, roles } = this;
    if (assignment === undefined || roles === undefined) return;
    if (!this.isLed || assignment.term < this.term) return;
    if (assignment.incarnation !== this.lease.incarnation) return;
    this.reconcile = false;
    if (this.followed !== assignment) this.unreported = true;
    this.followed = assignment;
    this.backlog = [];
    const round = ++this.round;
    for (const [name, list] of Object.entries(assignment.vms)) {
      const role = roles.get(name);
      const version = role === undefined ? -1 : hash32(role.fingerprint);
      const present = this.ofRole(name);
      for (let at = 0; at < list.length; at += 3) {
        const [ordinal = 0, epoch = 0] = [list[at], list[at + 1]];
        const vm = present.get(ordinal);
        if (vm?.epoch === epoch) vm.round = round;
        // One of an earlier epoch has to be gone first, and what is of another declaration than is known here will be told.
        else if ((vm === undefined || vm.state === "ended") && role !== undefined && version === list[at + 2])
          this.backlog.push({ role, ordinal, epoch });
      }
    }
    for (const [, present] of this.vms)
      for (const vm of present.values()) if (vm.round !== round) this.dismiss(vm, present);
    this.backlog.reverse();
    this.bootNext();
  }

  private bootNext(): void {
    while (this.lease.isValid && this.booting < this.host.bootsAtOnce) {
      const order = this.backlog.pop();
      if (order === undefined) return;
      this.boot(order);
    }
  }

  private ofRole(name: string): Map<number, AgentVm> {
    const known = this.vms.get(name);
    if (known !== undefined) return known;
    const made = new Map<number, AgentVm>();
    this.vms.set(name, made);
    return made;
  }

  private boot(order: VmOrder): void {
    const vm: AgentVm = { ...order, state: "booting", reason: "", round: this.round };
    this.ofRole(order.role.name).set(order.ordinal, vm);
    this.booting += 1;
    this.alive += 1;
    this.host.boot(vm);
  }

  private dismiss(vm: AgentVm, present: Map<number, AgentVm>): void {
    this.unreported = true;
    if (vm.state === "ended") present.delete(vm.ordinal);
    else if (vm.state !== "stopping") this.stop(vm);
  }

  private stop(vm: AgentVm): void {
    if (vm.state === "booting") this.booting -= 1;
    vm.state = "stopping";
    this.host.stop(vm);
  }

  /** It was given up: nothing of what it runs is its own any more. */
  private end(): void {
    this.assignment = undefined;
    this.followed = undefined;
    this.backlog = [];
    for (const present of this.vms.values())
      for (const vm of present.values()) {
        if (vm.state === "ended") present.delete(vm.ordinal);
        else if (vm.state !== "stopping") this.stop(vm);
      }
  }

  private holdAll(held: boolean): void {
    // It did nothing meanwhile.
    if (!held) this.reconcile = true;
    for (const present of this.vms.values())
      for (const vm of present.values()) if (vm.state !== "ended") this.hold(vm, held);
  }

  /** What is to become of it was declared for those that run, too. */
  private hold(vm: AgentVm, held: boolean): void {
    const { cutOff } = this.roles?.get(vm.role.name) ?? vm.role;
    this.host.hold(vm, held && cutOff === "hold");
  }

  private report(nowMs: number): void {
    this.reporting = true;
    this.unreported = false;
    this.reportedMs = nowMs;
    const { name } = this.host.info;
    this.store.put(keys.report(name), this.present(), this.reportRevision, (outcome) => {
      this.reporting = false;
      if (outcome.type === "stored") this.reportRevision = outcome.revision;
      else this.unreported = true;
      // Its own, of which it did not hear that it had arrived; or of a life before.
      if (outcome.type === "conflict") this.reportRevision = outcome.entry?.revision ?? 0;
    });
  }

  private present(): ReportRecord {
    const vms: Record<string, number[]> = {};
    const reasons: Record<string, string> = {};
    let characters = 0;
    for (const [name, present] of this.vms) {
      const list: number[] = [];
      for (const { ordinal, epoch, state, reason } of present.values()) {
        list.push(ordinal, epoch, vmReport[state]);
        if (state !== "ended" || characters > reasonCharactersMax) continue;
        const told = reason.slice(0, reasonLengthMax);
        reasons[`${name}/${ordinal}`] = told;
        characters += told.length;
      }
      vms[name] = list;
    }
    const { incarnation } = this.lease;
    const followed = this.followed?.incarnation === incarnation ? this.followed : undefined;
    return { incarnation, seen: followed?.seq ?? 0, vms, reasons };
  }
}
