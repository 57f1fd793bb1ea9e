/**
 * What an `elected` is behind its handlers: its lease, the actor that runs while the lease is held, and the timer for what is next. All
 * time is that of its VM's kernel, so that the simulator can run it.
 *
 * Invariant: the actor runs under one term only. One that was asked to end is never let go on, even if the lease could be had on: the next
 * one gets a token of its own.
 */
import {
  sameRef,
  type ExitReason,
  type MotesError,
  type Ref,
  type ServerSelf,
  type TimerRef,
  type Wait,
} from "../../kernel/index.ts";
import type { CheckedElected } from "./elected-options.ts";
import type { ElectedStatus, Heard } from "./elected-protocol.ts";
import { clusterError } from "./errors.ts";
import { Lease } from "./lease.ts";
import type { LeaseKeeperProtocol } from "./lease-keeper.ts";
import { Term } from "./term.ts";

export interface Tenant<in M> {
  /** Has it from now on: starts the actor, linked, or links the one that is there. */
  readonly start: (term: Term) => Ref<M>;
  /** After a term that was not ended by the actor itself there is none. Default: it is a candidate again. */
  readonly once: boolean;
}

export class Seat<M> {
  private readonly self: ServerSelf<Heard>;
  private readonly options: CheckedElected;
  private readonly keeper: Ref<LeaseKeeperProtocol>;
  private readonly tenant: Tenant<M>;
  private lease: Lease;
  private term: Term | undefined = undefined;
  private leader: Ref<M> | undefined = undefined;
  private latest: Ref<M> | undefined = undefined;
  private monitor = -1;
  /** It is on its way down, and killed at `killAtMs`. */
  private stopping = false;
  private killAtMs = Infinity;
  private rejoinAtMs = Infinity;
  private timer: TimerRef | undefined = undefined;
  private problem: MotesError | undefined = undefined;

  constructor(
    self: ServerSelf<Heard>,
    options: CheckedElected,
    keeper: Ref<LeaseKeeperProtocol>,
    tenant: Tenant<M>,
  ) {
    this.self = self;
    this.options = options;
    this.keeper = keeper;
    this.tenant = tenant;
    this.lease = this.candidate();
  }

  get status(): ElectedStatus<M> {
    const { term, leader, stopping, problem, lease } = this;
    const state = stopping ? "stopping" : leader === undefined ? "candidate" : "leader";
    const wrong = problem === undefined ? undefined : `${problem.code}: ${problem.message}`;
    return { state, token: term?.token, leader, holder: lease.holder, problem: wrong };
  }

  /** One input to the lease, and all that comes of it. */
  step(input: (lease: Lease, nowMs: number) => void): void {
    input(this.lease, this.self.now());
    this.settle();
  }

  resign(): void {
    if (this.leader !== undefined) this.stopLeader();
    this.settle();
  }

  ended(monitor: number, reason: ExitReason): void {
    if (monitor !== this.monitor) return;
    const { self, stopping } = this;
    this.leader = undefined;
    this.stopping = false;
    this.killAtMs = Infinity;
    if (!stopping || this.tenant.once) return self.stop(reason);
    if (this.term !== undefined) this.lease.release(self.now());
    this.settle();
  }

  /** Also of one that has ended, since its end comes twice. */
  wasLeader(from: Ref<never>): boolean {
    return this.latest !== undefined && sameRef(from, this.latest);
  }

  /** Asks for the lease; one who wants it once waits for it. Ends with `LEASE_TAKEN`, `LEASE_STORE`. */
  *begin(): Generator<Wait<unknown>, void, unknown> {
    const { self, options } = this;
    this.step((lease, nowMs) => lease.tick(nowMs));
    while (this.tenant.once && this.leader === undefined) {
      const { holder } = this.lease;
      if (this.problem !== undefined) throw this.problem;
      if (holder !== undefined) throw clusterError("LEASE_TAKEN", { name: options.name, holder });
      this.hear(yield* self.receive("lease_answer", "lease_change", "lease_due"));
    }
  }

  hear(message: Heard): void {
    this.step((lease, nowMs) => {
      if (message.type === "lease_answer") lease.answer(nowMs, message.id, message.answer);
      else if (message.type === "lease_change") lease.noticed(nowMs, message.change);
      else lease.tick(nowMs);
    });
  }

  /** The last of it: the actor first, then the lease, for as long as the store may take to answer once. */
  *leave(): Generator<Wait<unknown>, void, unknown> {
    const { self, leader, lease, options, timer } = this;
    if (timer !== undefined) self.cancel(timer);
    if (leader !== undefined) {
      const leftMs = this.term?.leftMs ?? 0;
      const isIt = ({ monitor }: { readonly monitor: number }): boolean => monitor === this.monitor;
      self.exit(leader, "shutdown");
      const down = yield* self.receive({ down: isIt }, Math.min(leftMs, options.stopMs));
      if (down === undefined) {
        self.exit(leader, "kill");
        yield* self.receive({ down: isIt });
      }
      this.leader = undefined;
    }
    const endMs = self.now() + options.times.askMs;
    lease.release(self.now());
    while (lease.state !== "left" && self.now() < endMs) {
      const waitMs = Math.max(0, Math.min(endMs, lease.nextMs) - self.now());
      const news = yield* self.receive({ lease_answer: true }, waitMs);
      if (news === undefined) lease.tick(self.now());
      else lease.answer(self.now(), news.id, news.answer);
    }
  }

  /** What follows from the state of things, and when to look again. */
  private settle(): void {
    const { self, options, lease } = this;
    const nowMs = self.now();
    if (lease.state === "left") {
      // A pause, so that whoever it was given up for is faster.
      if (this.rejoinAtMs === Infinity) this.rejoinAtMs = nowMs + options.times.renewMs;
      if (nowMs >= this.rejoinAtMs) {
        this.rejoinAtMs = Infinity;
        this.lease = this.candidate();
        this.lease.tick(nowMs);
      }
    }
    const { term, leader } = this;
    if (term !== undefined && leader === undefined && lease.state === "held") this.start(term);
    if (this.leader !== undefined && nowMs >= this.stopAtMs) this.stopLeader();
    if (this.leader !== undefined && nowMs >= this.killAtMs) self.exit(this.leader, "kill");
    this.arm(nowMs);
  }

  private start(term: Term): void {
    const { self } = this;
    this.leader = this.tenant.start(term);
    this.latest = this.leader;
    this.monitor = self.monitor(this.leader);
  }

  /** When its lease runs out, so long before that it can end by itself. */
  private get stopAtMs(): number {
    return this.stopping ? Infinity : this.lease.deadlineMs - this.options.stopMs;
  }

  private stopLeader(): void {
    const { self, leader } = this;
    if (leader === undefined || this.stopping) return;
    this.stopping = true;
    this.killAtMs = self.now() + this.options.stopMs;
    self.exit(leader, "shutdown");
  }

  private arm(nowMs: number): void {
    const { self, timer, leader } = this;
    let dueMs = Math.min(this.lease.nextMs, this.rejoinAtMs);
    if (leader !== undefined) {
      dueMs = Math.min(dueMs, this.stopAtMs);
      if (this.killAtMs > nowMs) dueMs = Math.min(dueMs, this.killAtMs);
    }
    if (timer !== undefined) self.cancel(timer);
    this.timer =
      dueMs === Infinity
        ? undefined
        : self.sendAfter(Math.max(0, dueMs - nowMs), self.ref, { type: "lease_due" });
  }

  private candidate(): Lease {
    const { self, options, keeper } = this;
    const { name, ttlMs } = options;
    const holder = `${options.holder}#${digits(self.random())}${digits(self.random())}`;
    const lease = new Lease(
      { name, holder, ttlMs },
      {
        ask: (id, request) => self.cast(keeper, "ask", name, id, request, self.ref),
        granted: (token) => {
          this.problem = undefined;
          this.term = new Term(name, token, { leftMs: (own) => lease.leftMs(own, self.now()) });
        },
        lost: (why) => {
          this.term?.end(why);
          this.term = undefined;
          if (this.leader === undefined) return;
          this.stopping = true;
          self.exit(this.leader, "kill");
        },
        problem: (problem) => {
          this.problem = problem;
        },
      },
    );
    lease.annotate(self.now(), options.note);
    return lease;
  }
}

/** 48 bits of chance as text. */
const digits = (random: number): string => Math.floor(random * 2 ** 32).toString(36);
