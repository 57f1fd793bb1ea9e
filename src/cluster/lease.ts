/**
 * One candidate's side of a lease: when to ask the store for what, since when it is held, and until when. A state machine: time and answers
 * come in, requests go out; it reads no clock, sets no timer and waits for nothing.
 *
 * Invariant: a holder stops before another may start. It may act until `ttl - margin` after it *sent* the last write that was confirmed;
 * a candidate takes over `ttl + margin` after it *saw* the last one, and only if there was none since. Between the two lies the time of
 * the write, and both count by clocks of their own, which may go wrong by a tenth. What a holder does too late in spite of that (it stood
 * still between the look and the act) is refused by whoever has seen a greater token.
 *
 * Source: Gray and Cheriton, "Leases" (1989); fencing as in Burrows, "The Chubby lock service" (2006), sequencers.
 */
import type { MotesError } from "../../kernel/index.ts";
import { clusterError, type LostWhy } from "./errors.ts";
import { decodeRecord, encodeRecord, noteCharsMax } from "./lease-record.ts";
import type { LeaseChange, LeaseEntry, LeaseWrite } from "./lease-store.ts";
import { leaseTimes, type LeaseTimes } from "./lease-times.ts";

export interface LeaseOptions {
  /** For errors; the key is the driver's concern. */
  readonly name: string;
  /** Of this candidate in this life, unique in the cluster. */
  readonly holder: string;
  readonly ttlMs: number;
}

export type LeaseRequest =
  | { readonly op: "get" }
  | { readonly op: "create"; readonly value: string }
  | { readonly op: "update"; readonly value: string; readonly revision: number }
  | { readonly op: "delete"; readonly revision: number };

export type LeaseAnswer =
  | LeaseWrite
  | { readonly type: "entry"; readonly entry: LeaseEntry | undefined }
  /** It may have been done all the same. */
  | { readonly type: "failed"; readonly why: string };

/** Who acts on what a lease wants. None of it calls back into the lease before it has returned. */
export interface LeaseSink {
  /** To be answered once, at any time or never. */
  ask(id: number, request: LeaseRequest): void;
  granted(token: number): void;
  /** From the moment of the call nothing may be done under this token. */
  lost(why: LostWhy, token: number): void;
  /** Something is wrong with the store; told again only after it was right. */
  problem(problem: MotesError): void;
}

/** What is known of the key. `other`: to be had at `freeMs`, unless it is renewed. */
type Known =
  | { readonly type: "unknown" | "absent" }
  | { readonly type: "mine" | "foreign"; readonly revision: number }
  | { readonly type: "other"; readonly revision: number; readonly holder: string; readonly freeMs: number };

interface Pending {
  readonly id: number;
  readonly sentMs: number;
  readonly kind: "look" | "claim" | "renewal" | "release";
}

const unknown: Known = { type: "unknown" };

export class Lease {
  /** `left`: it was released, or is left to expire. */
  state: "seeking" | "held" | "leaving" | "left" = "seeking";
  /** When `tick` is to be called at the latest. */
  nextMs = 0;
  /** Until when the present token may be used. Of no meaning unless held. */
  deadlineMs = 0;
  private readonly options: LeaseOptions;
  private readonly times: LeaseTimes;
  private readonly sink: LeaseSink;
  private known: Known = unknown;
  /** The last one of another's that was clocked, also while less is known. */
  private clocked: Known = unknown;
  private pending: Pending | undefined = undefined;
  private askedIds = 0;
  private nextAskMs = 0;
  private token = 0;
  private note = "";
  private troubled = false;
  /** Failures that a release goes through before it is left to expire. */
  private triesLeft = 3;

  /** Throws `LEASE_OPTION`. */
  constructor(options: LeaseOptions, sink: LeaseSink) {
    this.options = options;
    this.sink = sink;
    this.times = leaseTimes(options.ttlMs);
  }

  /** How long this token may still be used, to be asked right before each act that only a holder may do; 0: it may not. */
  leftMs(token: number, nowMs: number): number {
    return this.state === "held" && token === this.token ? Math.max(0, this.deadlineMs - nowMs) : 0;
  }

  /** Who holds it, as far as is known: for people. */
  get holder(): string | undefined {
    if (this.known.type === "other") return this.known.holder;
    return this.state === "held" ? this.options.holder : undefined;
  }

  tick(nowMs: number): void {
    this.expire(nowMs);
    const { pending, times } = this;
    if (pending !== undefined && nowMs >= pending.sentMs + times.askMs)
      this.failed(nowMs, pending, `no answer within ${times.askMs} ms`);
    this.go(nowMs);
  }

  /** To a request of this id; answers to what it has given up on are of no use any more. */
  answer(nowMs: number, id: number, answer: LeaseAnswer): void {
    this.expire(nowMs);
    const { pending } = this;
    if (pending?.id !== id) return;
    if (answer.type === "failed") {
      this.failed(nowMs, pending, answer.why);
    } else {
      this.pending = undefined;
      this.troubled = false;
      if (answer.type === "entry") this.learn(nowMs, answer.entry);
      else if (answer.type === "conflict") this.conflicted(nowMs);
      else this.written(nowMs, pending, answer.revision);
    }
    this.go(nowMs);
  }

  /** What a watch told: possibly old, possibly twice. */
  noticed(nowMs: number, { revision, value }: LeaseChange): void {
    this.expire(nowMs);
    if (value !== undefined) this.learn(nowMs, { value, revision });
    else if (!this.isOld(revision)) this.learn(nowMs, undefined);
    this.go(nowMs);
  }

  /** What others are to know of the holder; written with the next renewal, which is at once. Throws `LEASE_OPTION`. */
  annotate(nowMs: number, note: string): void {
    if (note.length > noteCharsMax)
      throw clusterError("LEASE_OPTION", {
        option: "a note",
        expected: `${noteCharsMax} characters at the most`,
        got: String(note.length),
      });
    this.note = note;
    if (this.state !== "held") return;
    this.nextAskMs = nowMs;
    this.go(nowMs);
  }

  /** Gives it up for good. Whoever acted under it has stopped before: another may start as soon as the store hears of it. */
  release(nowMs: number): void {
    this.expire(nowMs);
    if (this.state === "held") this.lose("released");
    if (this.state === "seeking") this.state = "leaving";
    this.nextAskMs = nowMs;
    this.go(nowMs);
  }

  private expire(nowMs: number): void {
    if (this.state !== "held" || nowMs < this.deadlineMs) return;
    this.lose("expired");
    this.nextAskMs = nowMs;
  }

  private lose(why: LostWhy): void {
    this.state = "seeking";
    this.sink.lost(why, this.token);
  }

  /** Its answer is lost, and with it what is there now. */
  private failed(nowMs: number, { kind }: Pending, why: string): void {
    this.pending = undefined;
    if (kind !== "look") this.known = unknown;
    if (this.state === "leaving") this.triesLeft--;
    this.nextAskMs = nowMs + this.times.retryMs;
    if (!this.troubled) this.sink.problem(clusterError("LEASE_STORE", { why }));
    this.troubled = true;
  }

  private conflicted(nowMs: number): void {
    this.known = unknown;
    // A holder has to know at once; for a candidate it means that somebody else was faster.
    this.nextAskMs = this.state === "seeking" ? nowMs + this.times.retryMs : nowMs;
  }

  private written(nowMs: number, { kind, sentMs }: Pending, revision: number): void {
    if (kind === "release") {
      this.state = "left";
      return;
    }
    this.known = { type: "mine", revision };
    const { times, state } = this;
    const deadlineMs = sentMs + times.actMs;
    const held = state === "held" || (kind === "claim" && state === "seeking");
    this.nextAskMs = held ? sentMs + times.renewMs : nowMs;
    if (kind === "renewal" && state === "held") this.deadlineMs = deadlineMs;
    // A claim whose confirmation took this long is worth nothing, and a late renewal brings no token back.
    if (kind !== "claim" || state !== "seeking" || nowMs >= deadlineMs) return;
    this.state = "held";
    this.deadlineMs = deadlineMs;
    this.token = revision;
    this.sink.granted(revision);
  }

  private learn(nowMs: number, entry: LeaseEntry | undefined): void {
    if (entry === undefined) {
      this.known = { type: "absent" };
      this.nextAskMs = nowMs;
      if (this.state === "held") this.lose("gone");
      return;
    }
    const { value, revision } = entry;
    if (this.isOld(revision)) return;
    const record = decodeRecord(value);
    if (record?.holder === this.options.holder) {
      // A revision that a write has just failed on is no news: not at once again.
      const same = this.known.type === "mine" && this.known.revision === revision;
      this.known = { type: "mine", revision };
      if (!same && this.state !== "held") this.nextAskMs = nowMs;
      return;
    }
    this.nextAskMs = nowMs + this.times.renewMs;
    if (record === undefined) {
      if (this.known.type !== "foreign")
        this.sink.problem(clusterError("LEASE_RECORD", { name: this.options.name, revision }));
      this.known = { type: "foreign", revision };
    } else {
      const { holder, ttlMs } = record;
      const { clocked } = this;
      const again = clocked.type === "other" && clocked.revision === revision && clocked.holder === holder;
      this.known = again
        ? clocked
        : { type: "other", revision, holder, freeMs: nowMs + leaseTimes(ttlMs).freeMs };
      this.clocked = this.known;
    }
    if (this.state === "held") this.lose("taken");
  }

  /** Of before what is known. After a conflict nothing is: revisions begin anew where a store was made anew. */
  private isOld(revision: number): boolean {
    if (this.state === "held" && revision < this.token) return true;
    return "revision" in this.known && revision < this.known.revision;
  }

  private go(nowMs: number): void {
    if (this.pending === undefined && this.state !== "left") this.act(nowMs);
    const { pending, times, state, known } = this;
    this.nextMs = pending === undefined ? this.nextAskMs : pending.sentMs + times.askMs;
    if (state === "left") this.nextMs = Infinity;
    if (state === "held") this.nextMs = Math.min(this.nextMs, this.deadlineMs);
    if (pending === undefined && known.type === "other") this.nextMs = Math.min(this.nextMs, known.freeMs);
  }

  private act(nowMs: number): void {
    const { known, state } = this;
    if (state === "leaving" && (this.triesLeft === 0 || isNotMine(known))) {
      this.state = "left";
      return;
    }
    if (known.type === "other" && state === "seeking" && nowMs >= known.freeMs)
      return this.ask(nowMs, "claim", {
        op: "update",
        value: this.value(undefined),
        revision: known.revision,
      });
    if (nowMs < this.nextAskMs) return;
    if (known.type === "unknown") return this.ask(nowMs, "look", { op: "get" });
    if (known.type === "mine") {
      const { revision } = known;
      if (state === "leaving") return this.ask(nowMs, "release", { op: "delete", revision });
      const value = this.value(state === "held" ? this.token : undefined);
      return this.ask(nowMs, state === "held" ? "renewal" : "claim", { op: "update", value, revision });
    }
    if (known.type === "absent")
      return this.ask(nowMs, "claim", { op: "create", value: this.value(undefined) });
    this.ask(nowMs, "look", { op: "get" });
  }

  private ask(nowMs: number, kind: Pending["kind"], request: LeaseRequest): void {
    const id = ++this.askedIds;
    this.pending = { id, sentMs: nowMs, kind };
    this.sink.ask(id, request);
  }

  private value(token: number | undefined): string {
    const { holder, ttlMs } = this.options;
    return encodeRecord({ holder, ttlMs, note: this.note, ...(token === undefined ? {} : { token }) });
  }
}

const isNotMine = ({ type }: Known): boolean => type !== "unknown" && type !== "mine";
