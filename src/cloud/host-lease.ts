/**
 * A host's lease on its place in a cloud: a chain of compare-and-set renewals that only it continues and only the leader ends. While the
 * last renewal that was answered is young, its VMs act; when it has become too old, they are held; when the chain was ended, they end.
 */
import type { CloudHost } from "./cloud-host.ts";
import { type CloudTimes, type HostRecord, keys } from "./records.ts";
import type { CloudStore, PutOutcome } from "./store.ts";

export interface HostLeaseEvents {
  hold(held: boolean): void;
  /** It was given up. */
  fenced(): void;
  /** Nothing that it ran is left. */
  isEmpty(): boolean;
  /** Its place is its own, as of a new incarnation. */
  joined(): void;
}

export class HostLease {
  /** 0: it has none yet. */
  incarnation = 0;
  /** VMs must not act. */
  isHolding = false;
  /** When the store was last heard of; -Infinity: never. */
  contactMs = -Infinity;
  private readonly host: CloudHost;
  private readonly store: CloudStore;
  private readonly times: CloudTimes;
  private readonly now: () => number;
  private readonly events: HostLeaseEvents;
  private next = 1;
  private revision = 0;
  private beat = 0;
  private renewedMs = -Infinity;
  private triedMs = -Infinity;
  private sentMs = -1;
  /** What it finds under its name, if that is of a life before this one, it writes over. */
  private joined = false;
  private closed = false;

  constructor(
    host: CloudHost,
    given: { store: CloudStore; times: CloudTimes; now: () => number },
    events: HostLeaseEvents,
  ) {
    this.host = host;
    this.store = given.store;
    this.times = given.times;
    this.now = given.now;
    this.events = events;
  }

  /** What is assigned to it counts, and may be acted upon. */
  get isValid(): boolean {
    return this.incarnation > 0 && !this.isHolding;
  }

  /** Answers when it wants the next one. */
  turn(): number {
    const nowMs = this.now();
    const { beatMs, holdAfterMs, leaseMs } = this.times;
    const overdue = nowMs >= this.renewedMs + holdAfterMs;
    if (overdue && !this.isHolding && this.incarnation > 0) this.hold(true);
    if (this.sentMs !== -1 && nowMs - this.sentMs > leaseMs) this.sentMs = -1;
    const mayJoin = this.incarnation > 0 || this.events.isEmpty();
    if (this.sentMs === -1 && mayJoin && nowMs - this.triedMs >= beatMs) this.renew(nowMs);
    const dueMs = Math.max(nowMs, this.triedMs) + beatMs;
    return this.isHolding || this.incarnation === 0 ? dueMs : Math.min(dueMs, this.renewedMs + holdAfterMs);
  }

  close(): void {
    this.closed = true;
  }

  private renew(nowMs: number): void {
    this.sentMs = nowMs;
    this.triedMs = nowMs;
    const incarnation = this.incarnation === 0 ? this.next : this.incarnation;
    const record: HostRecord = { info: this.host.info, incarnation, beat: ++this.beat, lost: false };
    this.store.put(keys.host(this.host.info.name), record, this.revision, (outcome) => {
      if (this.closed) return;
      if (this.sentMs === nowMs) this.sentMs = -1;
      this.answered(incarnation, nowMs, outcome);
    });
  }

  private answered(incarnation: number, sentMs: number, outcome: PutOutcome): void {
    if (outcome.type === "unavailable") return;
    this.contactMs = this.now();
    if (outcome.type === "conflict") {
      // Sound: only hosts and leaders write there.
      this.found(outcome.entry?.value as HostRecord | undefined, outcome.entry?.revision ?? 0);
      return;
    }
    this.joined = true;
    this.revision = outcome.revision;
    // An answer to what it was before.
    if (this.incarnation !== 0 && this.incarnation !== incarnation) return;
    if (this.incarnation === 0) this.events.joined();
    this.incarnation = incarnation;
    this.renewedMs = Math.max(this.renewedMs, sentMs);
    if (this.now() >= this.renewedMs + this.times.holdAfterMs) return;
    if (this.isHolding) this.hold(false);
  }

  private found(record: HostRecord | undefined, revision: number): void {
    this.revision = revision;
    this.triedMs = -Infinity;
    // Its own, of which it did not hear that it had arrived.
    const own = this.joined && record?.incarnation === this.incarnation && record.lost === false;
    if (own) return;
    this.next = Math.max(this.next, (record?.incarnation ?? 0) + 1);
    if (this.incarnation === 0) return;
    this.incarnation = 0;
    this.hold(true);
    this.events.fenced();
  }

  private hold(held: boolean): void {
    this.isHolding = held;
    this.events.hold(held);
  }
}
