/**
 * One end of a link between two hosts, as a state machine: bytes of the peer and the time come in, packets go out by its
 * `PacketOutput`. It owns the lanes, greets, keeps the beat, and closes itself with a code at the first thing that is not as the
 * protocol says. It never sets a timer, reads a clock or touches a socket: TCP, NATS and memory do. Lanes take turns, so that a
 * long message holds nobody up. Semantics: Erlang's distribution, with HTTP/2's credits and round.
 */
import { isMotesError, type MotesError } from "../../kernel/index.ts";
import { linkError } from "./errors.ts";
import { controlBytesMax, frame, FrameReader, FrameWriter } from "./frames.ts";
import { type Hello, helloBytesMax, helloOf, readHello } from "./hello.ts";
import type {
  CloseReason,
  HostIdentity,
  HostLink,
  HostLinkEvents,
  HostLinkLimits,
  HostLinkStatistics,
  Judge,
  Lane,
  LaneLoss,
  LinkRole,
} from "./host-link.ts";
import { LaneTable } from "./lane-table.ts";
import { packetBytesMin } from "./limits.ts";
import { type Checksum, packetHeaderBytes, PacketReader, preamble, sealPacket } from "./packet.ts";

/** The network below a session. */
export interface PacketOutput {
  /** Takes the bytes over. */
  send(packet: Uint8Array): void;
  /** Sent and not yet on its way: above `outputBytesMax` no more packets are made until `Session.flush`. */
  readonly queuedBytes: number;
  /** There is something to send: call `Session.flush` once what is being done now is done. */
  schedule(): void;
  /** The session has ended. True: what was sent shall still go out. */
  ended(graceful: boolean): void;
}

export interface SessionOptions {
  readonly role: LinkRole;
  readonly own: HostIdentity;
  /** From `resolveLimits`. */
  readonly limits: HostLinkLimits;
  readonly checksum: Checksum;
  readonly events: HostLinkEvents;
  readonly output: PacketOutput;
  readonly nowMs: number;
  readonly judge?: Judge;
}

const goodbye: CloseReason = { code: "closed", text: "no reason was given" };

export class Session implements HostLink {
  state: "greeting" | "up" | "closing" | "down" = "greeting";
  peer: HostIdentity | undefined = undefined;
  readonly role: LinkRole;
  private readonly options: SessionOptions;
  private readonly reader: PacketReader;
  private readonly frames = new FrameReader();
  private readonly lanes: LaneTable;
  private out: FrameWriter;
  private nextPacket = 0;
  private scheduled = false;
  private preambleDue = true;
  private helloDue: boolean;
  private bye: CloseReason | undefined = undefined;
  private closingAtMs = 0;
  private pingDue = false;
  private pongDue: number | undefined = undefined;
  private readonly startedAtMs: number;
  private nowMs: number;
  private tickedAtMs: number;
  private heardAtMs: number;
  private sentAtMs: number;
  /** It was given more time once, and nothing has come since. */
  private spared = false;
  private roundTripMs: number | undefined = undefined;
  private readonly counts = { sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0 };

  constructor(options: SessionOptions) {
    this.options = options;
    this.role = options.role;
    this.helloDue = options.role === "dialer";
    const greetingBytes = packetHeaderBytes + helloBytesMax + 2 * controlBytesMax;
    this.reader = new PacketReader(options.checksum, greetingBytes);
    this.out = new FrameWriter(greetingBytes);
    this.lanes = new LaneTable(options.role === "dialer" ? 0 : 1, options.limits, () => this.schedule());
    const { nowMs } = options;
    this.startedAtMs = this.nowMs = this.tickedAtMs = this.heardAtMs = this.sentAtMs = nowMs;
    if (this.helloDue) this.schedule();
  }

  get statistics(): HostLinkStatistics {
    const { size, queuedBytes, heldBytes } = this.lanes;
    return {
      lanes: size,
      ...this.counts,
      roundTripMs: this.roundTripMs,
      queuedBytes: queuedBytes + this.options.output.queuedBytes,
      heldBytes: heldBytes + this.reader.heldBytes,
    };
  }

  open(localVm: number, remoteVm: number): Lane {
    if (this.state !== "up") throw linkError("LINK_DOWN", { state: this.state });
    return this.lanes.open(localVm, remoteVm);
  }

  close(reason: CloseReason = goodbye): void {
    if (this.state === "down" || this.bye !== undefined) return;
    this.bye = reason;
    if (this.state === "greeting") this.endWith(reason);
    else {
      this.state = "closing";
      this.closingAtMs = this.nowMs;
      this.lanes.closeAll(reason);
      this.schedule();
    }
  }

  /** Bytes of the peer, in pieces of any size. Good until it returns. */
  receive(chunk: Uint8Array, nowMs: number): void {
    if (this.state === "down") return;
    this.nowMs = this.heardAtMs = nowMs;
    this.spared = false;
    this.counts.receivedBytes += chunk.length;
    try {
      this.reader.read(chunk, this.packet);
    } catch (problem) {
      if (!isPeerFault(problem)) throw problem;
      this.refuse(problem);
    }
    this.lanes.raise();
  }

  /** To be called every half `beatMs` or so. */
  tick(nowMs: number): void {
    const { limits } = this.options;
    const lateMs = nowMs - this.tickedAtMs;
    this.nowMs = this.tickedAtMs = nowMs;
    if (this.state === "down") return;
    if (this.state === "greeting") {
      const { helloTimeoutMs } = limits;
      if (nowMs - this.startedAtMs < helloTimeoutMs) return;
      return this.refuse(linkError("LINK_HELLO_TIMEOUT", { timeoutMs: helloTimeoutMs }));
    }
    // This host itself stood still: what the peer has sent meanwhile may only be read after this.
    if (!this.spared && 2 * lateMs > limits.detectMs) {
      this.spared = true;
      this.heardAtMs = Math.max(this.heardAtMs, nowMs - limits.detectMs + limits.beatMs);
    }
    const silentMs = nowMs - this.heardAtMs;
    if (silentMs > limits.detectMs)
      return this.fail(linkError("LINK_SILENT", { silentMs, detectMs: limits.detectMs }));
    if (this.bye !== undefined && nowMs - this.closingAtMs > limits.detectMs) return this.endWith(this.bye);
    if (nowMs - this.sentAtMs >= limits.beatMs) {
      this.pingDue = true;
      this.schedule();
    }
    this.lanes.trim();
  }

  /** Sends what there is, as far as the network takes it: after `schedule`, and when it takes more again. */
  flush(): void {
    this.scheduled = false;
    const { output, limits } = this.options;
    while (this.state !== "down" && output.queuedBytes < limits.outputBytesMax) {
      this.fill();
      if (this.out.empty) break;
      this.sendPacket();
    }
    if (this.state === "closing" && this.lanes.idle && this.bye !== undefined) this.endWith(this.bye);
    this.lanes.raise();
  }

  /** The network has ended, or says that it will not do. */
  fail(why: MotesError): void {
    this.end(why, false);
    this.lanes.raise();
  }

  private readonly packet = (bytes: Uint8Array, start: number, end: number): boolean => {
    const { frames } = this;
    this.counts.receivedPackets++;
    frames.open(bytes, start, end);
    while (frames.more && this.state !== "down") this.frame(frames.number());
    return this.state !== "down";
  };

  private frame(kind: number): void {
    const { frames } = this;
    if (kind === frame.bye) return this.peerSaysBye();
    if ((kind === frame.hello) !== (this.peer === undefined))
      throw frames.corrupt("a hello missing, or a second one");
    switch (kind) {
      case frame.hello:
        return this.greet(readHello(frames.text(helloBytesMax)));
      case frame.ping:
        this.pongDue = frames.number();
        return this.schedule();
      case frame.pong:
        this.roundTripMs = Math.max(0, this.nowMs - this.startedAtMs - frames.number());
        return;
      case frame.open: {
        const asked = this.lanes.peerOpens(frames, this.state === "closing");
        if (asked !== undefined) this.options.events.asked(this, asked);
        return;
      }
      default:
        return this.lanes.frame(kind, frames);
    }
  }

  private peerSaysBye(): void {
    const code = this.frames.text(controlBytesMax);
    const text = this.frames.text(controlBytesMax);
    this.end(
      this.peer === undefined
        ? linkError("LINK_REFUSED", { code, text })
        : linkError("LINK_CLOSED", { by: "peer", code, text }),
      true,
    );
  }

  private greet(hello: Hello): void {
    const { own, limits, judge, role } = this.options;
    const { recordBytesMax, packetBytesMax, beatMs, ...peer } = hello;
    if (peer.cluster !== own.cluster)
      throw linkError("LINK_CLUSTER", { expected: own.cluster, got: peer.cluster });
    if (peer.name === own.name) throw linkError("LINK_SELF", { name: own.name });
    if (3 * beatMs > limits.detectMs)
      throw linkError("LINK_OPTION", {
        option: "detectMs",
        expected: `three times the other host's beatMs of ${beatMs}`,
        got: String(limits.detectMs),
      });
    const recordMax = Math.min(recordBytesMax, limits.recordBytesMax);
    const packetMax = Math.min(packetBytesMax, limits.packetBytesMax);
    if (packetMax < packetBytesMin(recordMax) || !this.lanes.limitTo(recordMax))
      throw this.frames.corrupt("a hello whose limits do not fit each other");
    const refusal = judge?.(peer, role);
    if (refusal !== undefined) return this.refuse(refusal);
    this.reader.bytesMax = limits.packetBytesMax;
    this.peer = peer;
    if (role === "acceptor") {
      this.helloDue = true;
      this.sendHello();
    }
    this.out = new FrameWriter(packetMax);
    this.state = "up";
    this.options.events.up(this, peer);
  }

  /** Says why to the peer, if it can be told, and ends. */
  refuse(why: MotesError): void {
    if (this.state === "down") return;
    const { code, message } = why;
    if (code !== "LINK_FOREIGN") this.sendBye({ code, text: message });
    this.end(why, true);
  }

  private endWith(reason: CloseReason): void {
    this.sendBye(reason);
    this.end(linkError("LINK_CLOSED", { by: "us", ...reason }), true);
    this.lanes.raise();
  }

  private end(why: MotesError, graceful: boolean): void {
    if (this.state === "down") return;
    this.state = "down";
    const losses: LaneLoss[] = this.lanes.endAll({ code: why.code, text: why.message });
    this.options.output.ended(graceful);
    this.options.events.down(this, why, losses);
  }

  private schedule(): void {
    if (this.scheduled || this.state === "down") return;
    this.scheduled = true;
    this.options.output.schedule();
  }

  private fill(): void {
    const { out } = this;
    if (this.helloDue) return this.sendHello();
    if (this.state === "greeting") return;
    if (this.pingDue) out.number(frame.ping).number(Math.round(this.nowMs - this.startedAtMs));
    if (this.pongDue !== undefined) out.number(frame.pong).number(this.pongDue);
    this.pingDue = false;
    this.pongDue = undefined;
    this.lanes.fill(out);
  }

  private sendHello(): void {
    this.helloDue = false;
    this.out.number(frame.hello).blob(helloOf(this.options.own, this.options.limits));
    this.sendPacket();
  }

  private sendBye({ code, text }: CloseReason): void {
    this.out.number(frame.bye).text(code.slice(0, 64)).text(text.slice(0, 512));
    this.sendPacket();
  }

  private sendPacket(): void {
    const { output, checksum } = this.options;
    if (this.preambleDue) output.send(preamble());
    this.preambleDue = false;
    const packet = this.out.take();
    sealPacket(packet, this.nextPacket, checksum);
    this.nextPacket = (this.nextPacket + 1) >>> 0;
    this.counts.sentPackets++;
    this.counts.sentBytes += packet.length;
    this.sentAtMs = this.nowMs;
    output.send(packet);
  }
}

/** What a peer has brought about; anything else is a bug, here or in the host's own callbacks. */
const peerFaults: readonly string[] = [
  "LINK_FOREIGN",
  "LINK_VERSION",
  "LINK_CLUSTER",
  "LINK_SELF",
  "LINK_OPTION",
  "LINK_CORRUPT",
  "LINK_DAMAGED",
  "LINK_GAP",
];

const isPeerFault = (problem: unknown): problem is MotesError =>
  isMotesError(problem) && peerFaults.includes(problem.code);
