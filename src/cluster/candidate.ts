/**
 * One who wants a lease and keeps it while it can: `Lease` with a store, a clock and timers. For programs of the host; actors have `elected`. It
 * owns its timer and its watch, and not the store.
 */
import { randomUUID } from "node:crypto";
import type { MotesError } from "../../kernel/index.ts";
import { type Clock, realClock } from "../../transports/index.ts";
import type { LostWhy } from "./errors.ts";
import { Lease, type LeaseSink } from "./lease.ts";
import { keyOf } from "./lease-record.ts";
import { request } from "./lease-request.ts";
import type { LeaseStore } from "./lease-store.ts";
import { defaultTtlMs, leaseTimes } from "./lease-times.ts";
import { Term } from "./term.ts";

export interface CandidateOptions {
  readonly store: LeaseStore;
  /** Of the lease: letters, digits, `-`, `_`, `=`, `/`, with dots between. */
  readonly name: string;
  /** How long it lasts without renewal; half of it is how long the store may be away. Default 10 s. */
  readonly ttlMs?: number;
  /** Who this is, for people. Default: nothing. */
  readonly holder?: string;
  readonly events: CandidateEvents;
  readonly clock?: Clock;
}

export interface CandidateEvents {
  granted(term: Term): void;
  /** Whatever goes on under it is to stop now: there is a tenth of `ttlMs` until another may start. */
  lost(term: Term, why: LostWhy): void;
  /** `LEASE_STORE`, `LEASE_RECORD`: it goes on trying. */
  problem?(problem: MotesError): void;
}

export class Candidate {
  /** The present term; undefined while another holds the lease, or nobody. */
  term: Term | undefined = undefined;
  private readonly options: CandidateOptions;
  private readonly key: string;
  private readonly clock: Clock;
  private readonly lease: Lease;
  private readonly unwatch: () => void;
  private events: (() => void)[] = [];
  private stopTimer: () => void = () => {};
  private left: () => void = () => {};
  private closing: Promise<void> | undefined = undefined;
  private closed = false;

  /** Throws `LEASE_OPTION`; `LEASE_STORE` if the store was closed. */
  constructor(options: CandidateOptions) {
    const { store, name, ttlMs = defaultTtlMs, holder = "", clock = realClock } = options;
    this.options = options;
    this.key = keyOf(name);
    this.clock = clock;
    this.lease = new Lease({ name, holder: `${holder}#${randomUUID()}`, ttlMs }, this.sink());
    this.unwatch = store.watch(this.key, (change) => this.step((now) => this.lease.noticed(now, change)));
    this.step((now) => this.lease.tick(now));
  }

  /** Who holds it, as far as is known: for people. */
  get holder(): string | undefined {
    return this.lease.holder;
  }

  /** What others find under the name while this one holds it. Throws `LEASE_OPTION` for what is too long. */
  annotate(note: string): void {
    this.step((now) => this.lease.annotate(now, note));
  }

  /**
   * Gives the lease up, so that another need not wait; call it when what went on under it has stopped. Resolves when the store has heard of it,
   * or does not answer: then the lease runs out.
   */
  close(): Promise<void> {
    if (this.closing !== undefined) return this.closing;
    const left = new Promise<void>((done) => {
      this.left = done;
    });
    const { askMs } = leaseTimes(this.options.ttlMs ?? defaultTtlMs);
    const stopWaiting = this.clock.after(3 * askMs, () => this.left());
    this.closing = left.then(() => {
      this.closed = true;
      stopWaiting();
      this.stopTimer();
      this.unwatch();
    });
    // Now, since whoever hears that the lease is lost may close once more.
    this.step((now) => this.lease.release(now));
    return this.closing;
  }

  /** One input to the state machine, what comes of it, and the timer for what is next. */
  private step(input: (nowMs: number) => void): void {
    const { lease, clock } = this;
    if (this.closed) return;
    input(clock.now());
    const { events } = this;
    this.events = [];
    this.stopTimer();
    if (lease.nextMs < Infinity) {
      const tick = (): void => this.step((now) => lease.tick(now));
      this.stopTimer = clock.after(Math.max(0, lease.nextMs - clock.now()), tick);
    }
    for (const tell of events) tell();
    if (lease.state === "left") this.left();
  }

  private sink(): LeaseSink {
    const { events, name } = this.options;
    return {
      ask: (id, asked) => {
        void request(this.options.store, this.key, asked).then((answer) =>
          this.step((now) => this.lease.answer(now, id, answer)),
        );
      },
      granted: (token) => {
        const term = new Term(name, token, { leftMs: (own) => this.lease.leftMs(own, this.clock.now()) });
        this.term = term;
        this.events.push(() => events.granted(term));
      },
      lost: (why) => {
        const { term } = this;
        this.term = undefined;
        term?.end(why);
        this.events.push(() => term !== undefined && events.lost(term, why));
      },
      problem: (problem) => this.events.push(() => events.problem?.(problem)),
    };
  }
}
