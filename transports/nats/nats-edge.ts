/**
 * A session on NATS subjects: each packet is a message. NATS delivers at most once and may drop: a gap in the packets' numbers ends
 * the link. What is published is counted until the server has answered a ping behind it, so that a slow way slows the lanes.
 */
import type { Clock } from "../host-link/clock.ts";
import type {
  HostIdentity,
  HostLinkEvents,
  HostLinkLimits,
  Judge,
  LinkRole,
} from "../host-link/host-link.ts";
import type { Linger } from "../host-link/linger.ts";
import { type Checksum, preambleBytes } from "../host-link/packet.ts";
import { type PacketOutput, Session } from "../host-link/session.ts";

/** What an edge asks of the connection. */
export interface NatsWire {
  publish(subject: string, bytes: Uint8Array, reply: string | undefined): void;
  /** Resolves when the server has taken all that was published before; rejects or never resolves if the connection is lost. */
  flush(): Promise<void>;
}

export interface NatsEdgeOptions {
  readonly role: LinkRole;
  readonly own: HostIdentity;
  readonly limits: HostLinkLimits;
  readonly events: HostLinkEvents;
  readonly checksum: Checksum;
  readonly clock: Clock;
  readonly linger: Linger;
  readonly wire: NatsWire;
  readonly judge: Judge;
  /** The host that it leads to: whoever else speaks to it is not heard. */
  readonly host: string;
  /** Where the first message goes, and where all do until the peer names another. */
  readonly subject: string;
  /** Where the peer is to answer. */
  readonly reply: string;
}

export class NatsEdge implements PacketOutput {
  readonly session: Session;
  /** Resolves when the link has ended. */
  readonly gone: Promise<void>;
  readonly host: string;
  subject: string;
  queuedBytes = 0;
  private readonly options: NatsEdgeOptions;
  private readonly stopTicking: () => void;
  private tellGone: () => void = () => {};
  private held: Uint8Array | undefined = undefined;
  private named: boolean;
  private first = true;
  private confirming = false;

  constructor(options: NatsEdgeOptions) {
    const { clock, limits, role, own, events, checksum, judge, subject } = options;
    this.options = options;
    this.host = options.host;
    this.subject = subject;
    this.named = role === "acceptor";
    this.gone = new Promise((done) => {
      this.tellGone = done;
    });
    this.session = new Session({
      role,
      own,
      limits,
      events,
      checksum,
      judge,
      output: this,
      nowMs: clock.now(),
    });
    this.stopTicking = clock.every(Math.ceil(limits.beatMs / 2), () => this.session.tick(clock.now()));
  }

  /** True until the peer has said where it wants to be spoken to. */
  get unnamed(): boolean {
    return !this.named;
  }

  /** From here on all goes there. */
  name(subject: string): void {
    this.subject = subject;
    this.named = true;
  }

  receive(bytes: Uint8Array): void {
    this.options.linger.touched();
    this.session.receive(bytes, this.options.clock.now());
  }

  send(packet: Uint8Array): void {
    const { wire, reply } = this.options;
    // The preamble goes with the first packet.
    if (this.first && this.held === undefined && packet.length === preambleBytes) {
      this.held = packet;
      return;
    }
    const bytes = this.held === undefined ? packet : joined(this.held, packet);
    this.held = undefined;
    this.queuedBytes += bytes.length;
    wire.publish(this.subject, bytes, this.first ? reply : undefined);
    this.first = false;
  }

  schedule(): void {
    queueMicrotask(this.flush);
  }

  ended(): void {
    this.stopTicking();
    this.tellGone();
  }

  private readonly flush = (): void => {
    this.session.flush();
    this.confirm();
  };

  /** Asks the server, once half of what may wait does. */
  private confirm(): void {
    if (this.confirming || this.queuedBytes * 2 < this.options.limits.outputBytesMax) return;
    this.confirming = true;
    const bytes = this.queuedBytes;
    const done = (): void => {
      this.confirming = false;
      this.queuedBytes -= bytes;
      this.flush();
    };
    // A connection that is lost ends the link elsewhere.
    this.options.wire.flush().then(done, () => {});
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
