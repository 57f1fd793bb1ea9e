/**
 * What a leader knows of one host and has told it: the host's lease, the last assignment and the last report. It writes one assignment at a
 * time, by compare and set, so that nothing of a leader before this one comes after it.
 */
import type { HostInfo } from "./host-table.ts";
import { type AssignmentRecord, type HostRecord, keys, type ReportRecord, type VmLists } from "./records.ts";
import type { CloudStore, PutOutcome } from "./store.ts";

/** A VM that a host was told to end, and since which assignment. */
export interface Withdrawn {
  readonly role: string;
  readonly ordinal: number;
  readonly seq: number;
}

export interface DeskEvents {
  /** What this host is to run, as of now. */
  wanted(desk: Desk): VmLists;
  /** Another leader has written. */
  deposed(): void;
  stored(desk: Desk): void;
}

export class Desk {
  readonly name: string;
  record: HostRecord | undefined;
  /** Of the lease. */
  revision = 0;
  /** When its lease was last seen to change. */
  heardMs = 0;
  /** Its life that the planner counts with; 0: none. */
  incarnation = 0;
  assignment: AssignmentRecord | undefined;
  report: ReportRecord | undefined;
  /** Assignments are not as they should be. */
  dirty = false;
  /** It is this leader's: written at least once under its term. */
  sealed = false;
  /** The leader has asked the store to give the host up. */
  ending = false;
  /** VMs that it was told to end, by their epoch. */
  readonly withdrawn = new Map<number, Withdrawn>();
  private assignmentRevision = 0;
  /** The highest that was ever used, also by writes that are under way. */
  private seq = 0;
  private writing = false;
  private readonly store: CloudStore;
  private readonly events: DeskEvents;

  constructor(name: string, store: CloudStore, events: DeskEvents) {
    this.name = name;
    this.store = store;
    this.events = events;
  }

  get info(): HostInfo | undefined {
    return this.record?.info;
  }

  /** The `seq` of the next assignment. */
  get nextSeq(): number {
    return this.seq + 1;
  }

  /** As the store has it; what it was told itself it knows already. */
  assignmentHeard(record: AssignmentRecord, revision: number, term: number): void {
    if (revision <= this.assignmentRevision) return;
    if (record.term > term) return this.events.deposed();
    this.assignment = record;
    this.assignmentRevision = revision;
    this.seq = Math.max(this.seq, record.seq);
    // By a leader that was, after this one has read.
    if (record.term < term && this.sealed) this.dirty = true;
  }

  /** Takes it from whoever led before: with what it says, or as the first thing that is said to a host that has come later. */
  seal(term: number, keeps: boolean): void {
    if (this.writing || this.sealed) return;
    const { vms = {}, incarnation = 0 } = (keeps ? this.assignment : undefined) ?? {};
    this.write({ term, seq: this.nextSeq, incarnation, vms });
  }

  /** It has said what it runs since it heard of this leader; or it runs nothing, or is given up. */
  get isKnown(): boolean {
    const { record, assignment, report } = this;
    if (record === undefined || record.lost || assignment?.incarnation !== record.incarnation) return true;
    return report?.incarnation === record.incarnation && report.seen >= assignment.seq;
  }

  /** VMs that it was given last. */
  get vms(): number {
    const { record, assignment } = this;
    if (assignment === undefined || assignment.incarnation !== record?.incarnation) return 0;
    return Object.values(assignment.vms).reduce((sum, list) => sum + list.length / 3, 0);
  }

  /** All that is wanted is written. */
  get isIdle(): boolean {
    return !this.dirty && !this.writing;
  }

  flush(term: number): void {
    if (this.writing || !this.dirty || !this.sealed) return;
    this.dirty = false;
    const vms = this.events.wanted(this);
    this.write({ term, seq: this.nextSeq, incarnation: this.incarnation, vms });
  }

  private write(record: AssignmentRecord): void {
    this.writing = true;
    this.seq = record.seq;
    this.store.put(keys.assignment(this.name), record, this.assignmentRevision, (outcome) => {
      this.writing = false;
      this.written(record, outcome);
    });
  }

  private written(record: AssignmentRecord, outcome: PutOutcome): void {
    if (outcome.type === "stored") {
      this.assignmentRevision = outcome.revision;
      this.assignment = record;
      this.sealed = true;
      this.events.stored(this);
      return;
    }
    if (this.sealed) this.dirty = true;
    if (outcome.type === "unavailable") return;
    const { entry } = outcome;
    if (entry === undefined) this.assignmentRevision = 0;
    // Sound: only leaders write there.
    else this.assignmentHeard(entry.value as AssignmentRecord, entry.revision, record.term);
  }
}
