/**
 * A session on a socket: bytes in, packets out, the beat. It owns the socket and the timers, and lets go of them when the session
 * has ended. All that is sent in one turn goes out in one write.
 */
import type { Socket } from "node:net";
import type { MotesError } from "../../kernel/index.ts";
import type { Clock } from "../host-link/clock.ts";
import { linkError } from "../host-link/errors.ts";
import type {
  HostIdentity,
  HostLinkEvents,
  HostLinkLimits,
  Judge,
  LinkRole,
} from "../host-link/host-link.ts";
import type { Linger } from "../host-link/linger.ts";
import type { Checksum } from "../host-link/packet.ts";
import { type PacketOutput, Session } from "../host-link/session.ts";

export interface SocketEdgeOptions {
  readonly role: LinkRole;
  readonly own: HostIdentity;
  readonly limits: HostLinkLimits;
  readonly events: HostLinkEvents;
  readonly checksum: Checksum;
  readonly clock: Clock;
  readonly linger: Linger;
  /** For errors. */
  readonly where: string;
  readonly judge: Judge;
  /** What an error of the socket means, if it is not the end of a connection. */
  readonly meaning?: (problem: Error & { readonly code?: string }) => MotesError | undefined;
}

export class SocketEdge implements PacketOutput {
  readonly session: Session;
  private readonly socket: Socket;
  private readonly options: SocketEdgeOptions;
  private readonly beganAtMs: number;
  private readonly stopTicking: () => void;
  private stopWaiting: () => void = () => {};
  private ready: boolean;
  private connected: boolean;

  /** `ready`: whether the peer may be spoken to; if not, `open` says when. */
  constructor(socket: Socket, options: SocketEdgeOptions, ready: boolean) {
    this.socket = socket;
    this.options = options;
    this.ready = ready;
    this.connected = ready;
    const { clock, linger, limits, role, own, events, checksum, judge } = options;
    this.beganAtMs = clock.now();
    this.session = new Session({
      role,
      own,
      limits,
      events,
      checksum,
      judge,
      output: this,
      nowMs: this.beganAtMs,
    });
    this.stopTicking = clock.every(Math.ceil(limits.beatMs / 2), () => this.tick());
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      linger.touched();
      this.session.receive(chunk, clock.now());
    });
    socket.on("drain", () => this.flush());
    socket.on("end", () => this.session.fail(linkError("LINK_LOST", { why: "the other end has closed it" })));
    socket.on("error", (problem) => this.session.fail(this.meaningOf(problem)));
    socket.on("close", () => {
      this.stopWaiting();
      this.session.fail(linkError("LINK_LOST", { why: "it was closed" }));
    });
  }

  /** The peer is there, and is who it may be. */
  open(): void {
    this.ready = this.connected = true;
    this.flush();
  }

  get queuedBytes(): number {
    return this.socket.writableLength;
  }

  send(packet: Uint8Array): void {
    this.socket.write(packet);
  }

  schedule(): void {
    queueMicrotask(this.flush);
  }

  ended(graceful: boolean): void {
    const { socket, options } = this;
    this.stopTicking();
    if (!graceful || !this.ready) return void socket.destroy();
    // What is on its way is said, and heard by nobody here; a peer that does not end as well is ended.
    socket.end();
    socket.resume();
    this.stopWaiting = options.clock.after(options.limits.detectMs, () => socket.destroy());
  }

  private readonly flush = (): void => {
    if (!this.ready) return;
    this.socket.cork();
    this.session.flush();
    this.socket.uncork();
  };

  private tick(): void {
    const { clock, limits, where } = this.options;
    const now = clock.now();
    if (this.connected || now - this.beganAtMs < limits.helloTimeoutMs) return this.session.tick(now);
    const why = `no answer within ${limits.helloTimeoutMs} ms`;
    this.session.fail(linkError("LINK_UNREACHABLE", { where, why }));
  }

  private meaningOf(problem: Error & { readonly code?: string }): MotesError {
    const { where, meaning } = this.options;
    const known = meaning?.(problem);
    if (known !== undefined) return known;
    if (this.connected) return linkError("LINK_LOST", { why: problem.message }, problem);
    return linkError("LINK_UNREACHABLE", { where, why: problem.message || (problem.code ?? "") }, problem);
  }
}
