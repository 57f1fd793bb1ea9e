/**
 * One term of a cloud's leader: reads what there is, takes every assignment over, and then keeps the cloud true until the term ends. All
 * that it knows it has from the store, so that any host can do it.
 */
import { Desk } from "./desk.ts";
import type { CloudEvent } from "./event.ts";
import { Planner } from "./planner.ts";
import {
  type AssignmentRecord,
  type CloudRecord,
  type CloudTimes,
  type HostRecord,
  keys,
  type ReportRecord,
  type VmLists,
  vmReport,
} from "./records.ts";
import type { RoleKeeper } from "./role-keeper.ts";
import type { Orders } from "./surroundings.ts";
import type { CloudStore, StoreEntry } from "./store.ts";
import { vmState } from "./vm-table.ts";

export interface LeaderOptions {
  readonly store: CloudStore;
  readonly times: CloudTimes;
  readonly now: () => number;
  readonly term: number;
  readonly seed: number;
  readonly onEvent: (event: CloudEvent) => void;
  /** Another one leads. */
  readonly deposed: () => void;
}

export class Leader implements Orders {
  readonly planner: Planner;
  readonly desks = new Map<string, Desk>();
  private readonly options: LeaderOptions;
  private readonly unwatch: (() => void)[] = [];
  private readonly dirty = new Set<Desk>();
  private readonly unsealed = new Set<Desk>();
  private waitingFor = 0;
  private begun = false;
  /** The revision of the declaration that it makes true, once it has begun; 0: there is none. */
  declared = 0;
  private cloud: CloudRecord | undefined;

  constructor(options: LeaderOptions) {
    const { term, seed, onEvent, store } = options;
    this.options = options;
    this.planner = new Planner({ term, seed, onEvent });
    const prefixes: readonly (readonly [string, (entry: StoreEntry) => void])[] = [
      [keys.cloud, (entry) => this.cloudHeard(entry)],
      [keys.host(""), (entry) => this.hostHeard(entry)],
      [keys.assignment(""), (entry) => this.assignmentHeard(entry)],
      [keys.report(""), (entry) => this.reportHeard(entry)],
    ];
    this.waitingFor = prefixes.length;
    for (const [prefix, hear] of prefixes)
      this.unwatch.push(
        store.watch(prefix, hear, () => {
          this.waitingFor -= 1;
        }),
      );
  }

  /** It has taken over. */
  get hasBegun(): boolean {
    return this.begun;
  }

  /** Answers when it wants the next one. */
  turn(): number {
    const nowMs = this.options.now();
    if (this.waitingFor > 0) return nowMs + this.options.times.paceMs;
    for (const desk of this.unsealed) desk.seal(this.options.term, !this.begun);
    this.giveUpSilent(nowMs);
    if (!this.begun) {
      // What a host was told to end and may still run is on no list but its own.
      const known = this.unsealed.size === 0 && [...this.desks.values()].every(({ isKnown }) => isKnown);
      if (!known) return nowMs + this.options.times.paceMs;
      this.begin(nowMs);
    }
    this.planner.turn(nowMs, this);
    for (const desk of this.dirty) {
      desk.flush(this.options.term);
      if (desk.isIdle) this.dirty.delete(desk);
    }
    const soonMs = nowMs + (this.dirty.size > 0 ? this.options.times.paceMs : this.options.times.beatMs);
    return Math.max(nowMs + 1, Math.min(soonMs, this.planner.nextDueMs));
  }

  end(): void {
    for (const stop of this.unwatch) stop();
  }

  /** The store was away: nobody could be heard meanwhile. */
  excuseSilence(): void {
    const nowMs = this.options.now();
    for (const desk of this.desks.values()) desk.heardMs = nowMs;
  }

  assign(host: number): void {
    this.touch(host);
  }

  withdraw(host: number, role: RoleKeeper, ordinal: number): void {
    const desk = this.touch(host);
    desk.withdrawn.set(role.vms.epoch(ordinal), { role: role.role.name, ordinal, seq: desk.nextSeq });
  }

  private touch(host: number): Desk {
    const desk = this.deskOf(this.planner.hosts.at(host).info.name);
    desk.dirty = true;
    this.dirty.add(desk);
    return desk;
  }

  private deskOf(name: string): Desk {
    const known = this.desks.get(name);
    if (known !== undefined) return known;
    const made = new Desk(name, this.options.store, {
      wanted: (desk) => this.wanted(desk),
      deposed: this.options.deposed,
      stored: (desk) => this.stored(desk),
    });
    made.heardMs = this.options.now();
    this.desks.set(name, made);
    this.unsealed.add(made);
    return made;
  }

  private stored(desk: Desk): void {
    if (!this.unsealed.delete(desk)) return;
    if (this.begun) this.join(desk);
  }

  private begin(nowMs: number): void {
    this.begun = true;
    if (this.cloud !== undefined) this.planner.declare(this.cloud.cloud, nowMs);
    for (const desk of this.desks.values()) this.join(desk);
    for (const desk of this.desks.values()) this.adopt(desk, nowMs);
  }

  /** What it was given before stays with it, and what it was told to end is waited for. */
  private adopt(desk: Desk, nowMs: number): void {
    const host = this.planner.hosts.named(desk.name);
    const { assignment, report, incarnation } = desk;
    if (host === undefined || assignment === undefined || assignment.incarnation !== incarnation) return;
    const reported = new Map<number, number>();
    for (const [, , epoch, state] of entriesOf(report?.vms ?? {})) reported.set(epoch, state);
    const older = (on: number): void => void this.touch(on);
    for (const [name, vm, epoch, version] of entriesOf(assignment.vms)) {
      const placed = { epoch, version, running: reported.get(epoch) === vmReport.running };
      reported.delete(epoch);
      const keeper = this.planner.role(name);
      if (keeper === undefined) this.touch(host.index);
      else keeper.adopt(vm, host, placed, nowMs, older);
    }
    for (const [name, vm, epoch, state] of entriesOf(report?.vms ?? {})) {
      if (!reported.has(epoch) || state === vmReport.ended) continue;
      desk.withdrawn.set(epoch, { role: name, ordinal: vm, seq: assignment.seq });
      this.planner.role(name)?.adoptStopping(vm, host, epoch, nowMs);
    }
    if (report !== undefined) this.compare(desk, report);
  }

  private cloudHeard({ value, revision }: StoreEntry): void {
    // Sound: as the key says.
    this.cloud = value as CloudRecord;
    this.declared = revision;
    if (this.begun) this.planner.declare(this.cloud.cloud, this.options.now());
  }

  private hostHeard({ key, value, revision }: StoreEntry): void {
    const desk = this.deskOf(key.slice(keys.host("").length));
    if (revision <= desk.revision) return;
    const before = desk.record;
    // Sound: as the key says.
    desk.record = value as HostRecord;
    // The planner has never heard of it.
    if (!this.begun && before?.lost === false && desk.record.lost)
      this.options.onEvent({ type: "host_lost", host: desk.name, vms: desk.vms, atMs: this.options.now() });
    desk.revision = revision;
    desk.heardMs = this.options.now();
    if (this.begun && desk.sealed) this.join(desk);
  }

  /** The planner knows of its life, or its end. */
  private join(desk: Desk): void {
    const { record, name } = desk;
    if (record === undefined) return;
    const nowMs = this.options.now();
    const lives = record.lost ? 0 : record.incarnation;
    if (desk.incarnation !== 0 && desk.incarnation !== lives) {
      desk.withdrawn.clear();
      this.planner.hostLost(name, nowMs);
    }
    if (lives === desk.incarnation) return;
    desk.incarnation = lives;
    if (lives === 0) return;
    const { index } = this.planner.hostUp(record.info, nowMs);
    if (desk.assignment?.incarnation !== lives) this.touch(index);
  }

  private assignmentHeard({ key, value, revision }: StoreEntry): void {
    // Sound: as the key says.
    const record = value as AssignmentRecord;
    const desk = this.deskOf(key.slice(keys.assignment("").length));
    desk.assignmentHeard(record, revision, this.options.term);
    if (desk.dirty) this.dirty.add(desk);
  }

  private reportHeard({ key, value }: StoreEntry): void {
    const desk = this.deskOf(key.slice(keys.report("").length));
    // Sound: as the key says.
    desk.report = value as ReportRecord;
    if (this.begun) this.compare(desk, desk.report);
  }

  /** What a host says of its VMs against what the planner thinks. */
  private compare(desk: Desk, { incarnation, seen, vms, reasons }: ReportRecord): void {
    if (incarnation !== desk.incarnation) return;
    const nowMs = this.options.now();
    const listed = new Set<number>();
    for (const [role, ordinal, epoch, state] of entriesOf(vms)) {
      if (desk.withdrawn.has(epoch) && state !== vmReport.ended) listed.add(epoch);
      if (state === vmReport.running) this.planner.started(role, ordinal, epoch, nowMs);
      if (state !== vmReport.ended) continue;
      const reason = reasons[`${role}/${ordinal}`] ?? "ended";
      if (this.planner.ended(role, ordinal, epoch, reason, nowMs)) this.again(desk);
    }
    for (const [epoch, { role, ordinal, seq }] of desk.withdrawn) {
      if (seen < seq || listed.has(epoch)) continue;
      desk.withdrawn.delete(epoch);
      this.planner.ended(role, ordinal, epoch, "ended", nowMs);
    }
  }

  private again(desk: Desk): void {
    desk.dirty = true;
    this.dirty.add(desk);
  }

  private wanted(desk: Desk): VmLists {
    const host = this.planner.hosts.named(desk.name);
    const lists: Record<string, number[]> = {};
    if (host === undefined || desk.incarnation === 0) return lists;
    for (const { role, vms } of this.planner.roles) {
      const list: number[] = [];
      for (let vm = vms.firstOn(host.index); vm !== -1; vm = vms.nextOn(vm))
        if (vms.state(vm) !== vmState.stopping) list.push(vm, vms.epoch(vm), vms.version(vm));
      if (list.length > 0) lists[role.name] = list;
    }
    return lists;
  }

  private giveUpSilent(nowMs: number): void {
    const { lostAfterMs } = this.options.times;
    for (const desk of this.desks.values()) {
      const { record, ending, name } = desk;
      if (record === undefined || record.lost || ending || nowMs - desk.heardMs < lostAfterMs) continue;
      desk.ending = true;
      this.options.store.put(keys.host(name), { ...record, lost: true }, desk.revision, (outcome) => {
        desk.ending = false;
        if (outcome.type === "conflict" && outcome.entry !== undefined) this.hostHeard(outcome.entry);
        if (outcome.type === "stored")
          this.hostHeard({
            key: keys.host(name),
            value: { ...record, lost: true },
            revision: outcome.revision,
          });
      });
    }
  }
}

/** Role, ordinal, epoch, and version or state. */
function* entriesOf(lists: VmLists): Generator<readonly [string, number, number, number]> {
  for (const [role, list] of Object.entries(lists))
    for (let at = 0; at < list.length; at += 3)
      yield [role, list[at] ?? 0, list[at + 1] ?? 0, list[at + 2] ?? 0];
}
