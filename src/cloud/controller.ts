/**
 * The controller of a cloud on one host: a candidate for the lead, and the leader while it has it. What is wanted it hears of from the store,
 * and what it knows it writes there for the other hosts.
 */
import type { CloudEvent } from "./event.ts";
import { Leader } from "./leader.ts";
import { Leadership } from "./leadership.ts";
import { type CloudTimes, defaultTimes, keys } from "./records.ts";
import { type LeaderStatus, leaderStatus, noStatus } from "./status.ts";
import type { CloudStore, StoreEntry } from "./store.ts";

export interface ControllerOptions {
  /** Of its host. */
  readonly name: string;
  readonly store: CloudStore;
  /** Monotonic, in ms. */
  readonly now: () => number;
  readonly times?: CloudTimes;
  readonly seed?: number;
  /** When others of its host have last heard of the store. Default: there are none. */
  readonly contactMs?: () => number;
  readonly onEvent?: (event: CloudEvent) => void;
}

export class Controller {
  readonly leadership: Leadership;
  leader: Leader | undefined;
  private readonly options: ControllerOptions;
  private readonly times: CloudTimes;
  private turnedMs: number;
  private awaySinceMs = -1;
  private readonly unwatch: () => void;
  /** As it was last written by whoever leads, and when by this one. */
  private told: { readonly status: LeaderStatus; readonly revision: number } | undefined;
  private toldMs = -Infinity;

  constructor(options: ControllerOptions) {
    const { times = defaultTimes, store, now, name } = options;
    this.options = options;
    this.times = times;
    this.turnedMs = now();
    this.leadership = new Leadership(
      name,
      { store, times, now },
      { lead: (term) => this.lead(term), lose: () => this.lose() },
    );
    this.unwatch = store.watch(
      keys.status,
      (entry) => this.hear(entry),
      () => {},
    );
  }

  /** When the store was last heard of: also where nobody leads. */
  get contactMs(): number {
    return Math.max(this.leadership.contactMs, this.options.contactMs?.() ?? -Infinity);
  }

  /** All that is known of the cloud: its own knowledge if it leads, else what the leader has written. */
  get known(): LeaderStatus {
    const { leader } = this;
    return leader?.hasBegun === true ? leaderStatus(leader) : (this.told?.status ?? noStatus);
  }

  /** Whether the declaration of this revision, or one after it, is true, as far as is known. Cheap. */
  isSettled(revision: number): boolean {
    const { leader, told } = this;
    const { declared, converged } =
      leader?.hasBegun === true
        ? { declared: leader.declared, converged: leader.planner.isConverged }
        : (told?.status ?? noStatus);
    return converged && declared > 0 && declared >= revision;
  }

  /** Answers when it wants the next one; sooner does no harm. */
  turn(): number {
    const { now } = this.options;
    const nowMs = now();
    const { leaseMs } = this.times;
    // This process or its machine stood still: it has heard of nobody meanwhile.
    if (nowMs - this.turnedMs > leaseMs / 2) this.leader?.excuseSilence();
    this.turnedMs = nowMs;
    const nextMs = this.leadership.turn();
    this.watchStore(nowMs);
    this.tell(nowMs);
    return Math.min(nextMs, this.leader?.turn() ?? Infinity);
  }

  close(): void {
    this.unwatch();
    this.leadership.resign();
    this.lose();
  }

  private lead(term: number): void {
    const { store, now, name, seed = 1, onEvent = () => {} } = this.options;
    const { times } = this;
    onEvent({ type: "leading", host: name, term, atMs: now() });
    this.leader = new Leader({ store, times, now, term, seed, onEvent, deposed: () => this.lose() });
  }

  private lose(): void {
    this.leader?.end();
    this.leader = undefined;
  }

  /** For the other hosts, if it has changed. */
  private tell(nowMs: number): void {
    if (this.leader?.hasBegun !== true || nowMs - this.toldMs < this.times.beatMs) return;
    this.toldMs = nowMs;
    const { known, told } = this;
    if (JSON.stringify(known) === JSON.stringify(told?.status)) return;
    this.options.store.put(keys.status, known, told?.revision ?? 0, (outcome) => {
      if (outcome.type === "conflict" && outcome.entry !== undefined) this.hear(outcome.entry);
    });
  }

  private hear({ value, revision }: StoreEntry): void {
    // Sound: as the key says.
    if (revision > (this.told?.revision ?? 0)) this.told = { status: value as LeaderStatus, revision };
  }

  private watchStore(nowMs: number): void {
    const { onEvent = () => {} } = this.options;
    const { contactMs } = this;
    const silentMs = nowMs - contactMs;
    if (this.awaySinceMs === -1 && silentMs > this.times.leaseMs) {
      this.awaySinceMs = contactMs;
      onEvent({ type: "store_down", atMs: nowMs });
    } else if (this.awaySinceMs !== -1 && silentMs < this.times.beatMs * 2) {
      this.leader?.excuseSilence();
      onEvent({ type: "store_up", awayMs: nowMs - this.awaySinceMs, atMs: nowMs });
      this.awaySinceMs = -1;
    }
  }
}
