/**
 * Who leads a cloud: the holder of one lease in the store. Time is only ever measured by one's own clock, from what was sent or heard of: a
 * follower waits for the whole lease after the last sign, a leader stops at four fifths of it after its last renewal was sent.
 */
import { type CloudTimes, keys, type LeaderRecord } from "./records.ts";
import type { CloudStore, PutOutcome, StoreEntry } from "./store.ts";

export interface LeadershipEvents {
  /** It leads from now on, and nobody else does. */
  lead(term: number): void;
  /** It does not any more, or cannot know. */
  lose(): void;
}

export class Leadership {
  /** 0: it does not lead. */
  term = 0;
  /** When the store was last heard of. */
  contactMs: number;
  private readonly name: string;
  private readonly store: CloudStore;
  private readonly times: CloudTimes;
  private readonly events: LeadershipEvents;
  private readonly now: () => number;
  private readonly unwatch: () => void;
  private present: { readonly record: LeaderRecord; readonly revision: number } | undefined;
  private caughtUp = false;
  private heardMs: number;
  private renewedMs = 0;
  /** When the write that is under way was sent; -1: none is. */
  private sentMs = -1;
  private beat = 0;

  constructor(
    name: string,
    given: { store: CloudStore; times: CloudTimes; now: () => number },
    events: LeadershipEvents,
  ) {
    this.name = name;
    this.store = given.store;
    this.times = given.times;
    this.now = given.now;
    this.events = events;
    this.heardMs = this.now();
    this.contactMs = this.heardMs;
    this.unwatch = this.store.watch(
      keys.leader,
      (entry) => this.hear(entry),
      () => {
        this.caughtUp = true;
      },
    );
  }

  /** Who leads, as far as is known. */
  get holder(): string | undefined {
    return this.present?.record.free === false ? this.present.record.holder : undefined;
  }

  /** Answers when it wants the next one. */
  turn(): number {
    const nowMs = this.now();
    const { beatMs, leaseMs } = this.times;
    if (this.term > 0 && nowMs - this.renewedMs > 0.8 * leaseMs) this.stop();
    // An answer that takes so long does not come.
    if (this.sentMs !== -1 && nowMs - this.sentMs > leaseMs) this.sentMs = -1;
    if (this.sentMs === -1 && this.caughtUp && nowMs >= this.dueMs()) this.write(nowMs, false);
    return nowMs + beatMs / 2;
  }

  /** Leaves the lead to others. */
  resign(): void {
    this.unwatch();
    if (this.term > 0) {
      this.write(this.now(), true);
      this.stop();
    }
  }

  private dueMs(): number {
    if (this.term > 0) return this.renewedMs + this.times.beatMs;
    return this.present === undefined || this.present.record.free ? 0 : this.heardMs + this.times.leaseMs;
  }

  private write(nowMs: number, free: boolean): void {
    const claims = this.term === 0;
    const record = {
      holder: this.name,
      term: claims ? (this.present?.record.term ?? 0) + 1 : this.term,
      beat: ++this.beat,
      free,
    };
    this.sentMs = nowMs;
    this.store.put(keys.leader, record, this.present?.revision ?? 0, (outcome) => {
      if (this.sentMs === nowMs) this.sentMs = -1;
      if (!free) this.written({ record, sentMs: nowMs, claims }, outcome);
    });
  }

  private written({ record, sentMs, claims }: Written, outcome: PutOutcome): void {
    if (outcome.type === "unavailable") return;
    this.contactMs = this.now();
    if (outcome.type === "conflict") {
      if (outcome.entry !== undefined) this.hear(outcome.entry);
      return;
    }
    this.take(record, outcome.revision);
    // Too late to be of use: others may have seen more of the lease pass by.
    if (this.now() - sentMs > 0.8 * this.times.leaseMs) return;
    // A term that has ended is not taken up again: its epochs were given.
    if (!claims && this.term !== record.term) return;
    this.renewedMs = sentMs;
    if (!claims) return;
    this.term = record.term;
    this.events.lead(record.term);
  }

  private hear({ value, revision }: StoreEntry): void {
    this.contactMs = this.now();
    // Sound: only `write` above puts there.
    const record = value as LeaderRecord;
    this.take(record, revision);
    if (this.term > 0 && (record.term > this.term || record.holder !== this.name)) this.stop();
  }

  private take(record: LeaderRecord, revision: number): void {
    if (revision <= (this.present?.revision ?? 0)) return;
    this.present = { record, revision };
    this.heardMs = this.now();
  }

  private stop(): void {
    this.term = 0;
    this.events.lose();
  }
}

interface Written {
  readonly record: LeaderRecord;
  readonly sentMs: number;
  /** It does not lead yet. */
  readonly claims: boolean;
}
