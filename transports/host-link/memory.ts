/**
 * Two hosts within one thread, joined by a wire that a test has in its hand: delay, cut, healing, loss and damage, in a time of its
 * own. Everything above the wire is what runs over TCP and NATS. Nothing happens but in `step` and `advance`.
 */
import { linkError } from "./errors.ts";
import type { HostIdentity, HostLink, HostLinkEvents, HostLinkLimits, Judge, LinkRole } from "./host-link.ts";
import { resolveLimits } from "./limits.ts";
import type { Checksum } from "./packet.ts";
import { type PacketOutput, Session } from "./session.ts";

export interface MemoryHostOptions {
  readonly own: HostIdentity;
  readonly events: HostLinkEvents;
  readonly limits?: Partial<HostLinkLimits>;
  readonly judge?: Judge;
}

interface Sent {
  readonly atMs: number;
  readonly bytes: Uint8Array;
}

/** One end, and the wire from it to the other. */
class MemoryEnd implements PacketOutput {
  readonly session: Session;
  /** Nothing of what is sent from here arrives before it is healed. */
  cut = false;
  delayMs = 0;
  /** Of what is sent next, so much is lost. */
  losePackets = 0;
  /** Bytes that the wire takes in one step. */
  stepBytes = Infinity;
  over = false;
  due = false;
  queuedBytes = 0;
  private readonly wire: Sent[] = [];
  private readonly now: () => number;

  constructor(options: MemoryHostOptions, role: LinkRole, checksum: Checksum, now: () => number) {
    this.now = now;
    const { own, events, judge } = options;
    const limits = resolveLimits(options.limits);
    this.session = new Session({
      role,
      own,
      limits,
      checksum,
      events,
      output: this,
      nowMs: now(),
      ...(judge === undefined ? {} : { judge }),
    });
  }

  send(bytes: Uint8Array): void {
    if (this.losePackets > 0) return void this.losePackets--;
    this.queuedBytes += bytes.length;
    this.wire.push({ atMs: this.now() + this.delayMs, bytes });
  }

  schedule(): void {
    this.due = true;
  }

  ended(graceful: boolean): void {
    this.over = true;
    if (graceful) return;
    this.wire.length = 0;
    this.queuedBytes = 0;
  }

  /** Flips a bit of what is on its way. False: nothing is. */
  damage(): boolean {
    const last = this.wire.at(-1)?.bytes;
    if (last === undefined) return false;
    last[last.length - 1] = (last.at(-1) ?? 0) ^ 1;
    return true;
  }

  /** Hands on what is due. True: something has happened. */
  deliver(to: MemoryEnd): boolean {
    let happened = this.due;
    this.due = false;
    if (happened) this.session.flush();
    let left = this.stepBytes;
    while (!this.cut && left > 0) {
      const first = this.wire[0];
      if (first === undefined || first.atMs > this.now()) break;
      this.wire.shift();
      this.queuedBytes -= first.bytes.length;
      left -= first.bytes.length;
      to.session.receive(first.bytes, this.now());
      happened = true;
      this.session.flush();
    }
    if (this.over && !this.cut && this.wire.length === 0 && to.session.state !== "down") {
      to.session.fail(linkError("LINK_LOST", { why: "the wire has ended" }));
      happened = true;
    }
    return happened;
  }
}

export class MemoryHosts {
  private nowMs = 0;
  private readonly a: MemoryEnd;
  private readonly b: MemoryEnd;

  constructor(a: MemoryHostOptions, b: MemoryHostOptions, checksum: Checksum) {
    const now = (): number => this.nowMs;
    this.a = new MemoryEnd(a, "dialer", checksum, now);
    this.b = new MemoryEnd(b, "acceptor", checksum, now);
  }

  /** The dialer's end, and the acceptor's. */
  get links(): readonly [HostLink, HostLink] {
    return [this.a.session, this.b.session];
  }

  /** What is due now goes on its way and arrives, one round. False: nothing was. */
  step(): boolean {
    const there = this.a.deliver(this.b);
    return this.b.deliver(this.a) || there;
  }

  /** Lets time pass, and everything happen that is due in it. */
  advance(ms: number): void {
    const end = this.nowMs + ms;
    const [a, b] = [this.a.session, this.b.session];
    for (;;) {
      while (this.step());
      if (this.nowMs >= end) return;
      this.nowMs = Math.min(end, this.nowMs + 1);
      a.tick(this.nowMs);
      b.tick(this.nowMs);
    }
  }

  /** Nothing arrives any more, and nobody is told: both ways, or only what this one sends. */
  cut(from: "dialer" | "acceptor" | "both" = "both"): void {
    for (const end of this.ends(from)) end.cut = true;
  }

  /** What was held arrives now, late. */
  heal(): void {
    for (const end of this.ends("both")) end.cut = false;
  }

  delay(ms: number): void {
    for (const end of this.ends("both")) end.delayMs = ms;
  }

  /** The wire takes so many bytes in one step, and no more. */
  narrow(stepBytes: number): void {
    for (const end of this.ends("both")) end.stepBytes = stepBytes;
  }

  lose(from: "dialer" | "acceptor", packets: number): void {
    for (const end of this.ends(from)) end.losePackets = packets;
  }

  /** Damages what is on its way from there. False: nothing is. */
  damage(from: "dialer" | "acceptor"): boolean {
    return this.ends(from).every((end) => end.damage());
  }

  private ends(from: "dialer" | "acceptor" | "both"): readonly MemoryEnd[] {
    if (from === "both") return [this.a, this.b];
    return from === "dialer" ? [this.a] : [this.b];
  }
}
