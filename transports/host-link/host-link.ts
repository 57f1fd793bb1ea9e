/**
 * One connection between two hosts, which carries a *lane* for each pair of their VMs that talk. A host has at most one link to
 * each other host; it lives from `hello` to a coded end and is never mended: what was under way is then lost, and the next link is
 * a new one, with no lanes. In order, at most once, flow-controlled lane by lane: a VM that does not read slows down those who
 * send to it, and nobody else. Semantics: Erlang's distribution (one connection between two nodes, `nodedown`, ticks), with
 * lanes in place of its one queue that blocks all.
 */
import type { MotesError } from "../../kernel/index.ts";
import type { Channel } from "../wire/index.ts";

/** Who a host says it is, in the first bytes of a link. */
export interface HostIdentity {
  /** Hosts of other clusters are refused. Letters, digits, `-` and `_`; 63 at the most. */
  readonly cluster: string;
  /** The same form as a cluster's. Bound to the certificate, where there is one. */
  readonly name: string;
  /** One life of the host: a restarted one has another. At most 64 characters. */
  readonly incarnation: string;
  /** What it can do beyond the protocol's version: 64 words at the most. */
  readonly features: readonly string[];
}

/** Why somebody ends a lane or a link: a code for programs and a sentence for people. Cut at 64 and 512 characters. */
export interface CloseReason {
  readonly code: string;
  readonly text: string;
}

/** What one lane has not seen arrive when its link ended: it is lost. */
export interface LaneLoss {
  readonly localVm: number;
  readonly remoteVm: number;
  /** Written here and never sent. */
  readonly queuedRecords: number;
  readonly queuedBytes: number;
  /** Sent, and not known to be read: may have arrived or not. */
  readonly unconfirmedBytes: number;
}

/**
 * A channel between a VM of this host and one of the other, for a `Link` or for whoever passes records on. As with a ring, nothing
 * waits: `write` answers false while there is no room, and `prepareSleep` asks for one call of `wake`.
 */
export interface Lane extends Channel {
  readonly localVm: number;
  readonly remoteVm: number;
  /** `asked`: the peer wants it and waits for `accept` or `close`. `asking`: the other way round; nothing can be written yet. */
  readonly state: "asking" | "asked" | "open" | "closed";
  /** True if `read` would find something. */
  readonly waiting: boolean;
  /** Why the peer, or the end of the link, has closed it. */
  readonly closeReason: CloseReason | undefined;
  readonly statistics: LaneStatistics;
  /** Called once after each `prepareSleep` that was true, when there is something to read or room, or when it has ended. */
  wake: () => void;
  /** Says yes to the peer. */
  accept(): void;
  /**
   * Asks for `wake`: for records unless `reads` is false, and for room if `bytesToWrite` is not negative. False: there is something
   * to do already, or it is closed. What was read must be published before.
   */
  prepareSleep(bytesToWrite: number, reads?: boolean): boolean;
  awake(): void;
  /** What was written still goes to the peer, then the reason. What has come in is dropped. */
  close(reason?: CloseReason): void;
}

export interface LaneStatistics {
  /** Written and not yet sent. */
  readonly queuedBytes: number;
  /** Come in and not yet read. */
  readonly heldBytes: number;
  /** What the peer has room for. */
  readonly creditBytes: number;
  readonly writtenRecords: number;
  readonly readRecords: number;
}

export interface HostLinkStatistics {
  readonly lanes: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  /** Of the last ping, in ms; undefined before the first. */
  readonly roundTripMs: number | undefined;
  /** All that waits here, in both directions. */
  readonly queuedBytes: number;
  readonly heldBytes: number;
}

/** Who of two hosts has made the first step. */
export type LinkRole = "dialer" | "acceptor";

/** Looks at a peer beyond what every link does: why it is refused, if it is. */
export type Judge = (peer: HostIdentity, role: LinkRole) => MotesError | undefined;

export interface HostLink {
  /** This host's. */
  readonly role: LinkRole;
  /** `greeting` until both have said hello and like each other; `closing` while what was written still goes out. */
  readonly state: "greeting" | "up" | "closing" | "down";
  /** Who is there; undefined before its hello. */
  readonly peer: HostIdentity | undefined;
  readonly statistics: HostLinkStatistics;
  /**
   * A lane between these two VMs. If the peer asks for the same at the same time, both get one lane. Throws `LANE_TAKEN` if there is one,
   * `LANES_FULL` if no more fit into the memory set aside, `LINK_DOWN` if the link is not up.
   */
  open(localVm: number, remoteVm: number): Lane;
  /** Sends what was written, then the reason, and ends with `LINK_CLOSED`. At once if it is not up. */
  close(reason?: CloseReason): void;
}

/** What a link tells its host. Called from the network's events, never from within a call of the host's own. */
export interface HostLinkEvents {
  up(link: HostLink, peer: HostIdentity): void;
  /** The peer asks for a lane: `accept` or `close` it, now or later. */
  asked(link: HostLink, lane: Lane): void;
  /** Once, for every link, also for one that was never up. Its lanes have ended: what they had received can still be read. */
  down(link: HostLink, why: MotesError, losses: readonly LaneLoss[]): void;
}

/** Times and sizes of a link. Both sides may differ: each keeps its own. */
export interface HostLinkLimits {
  /** The longest record of a lane, in bytes; the smaller of both sides' counts. Default 8 KiB, at least 4 KiB. */
  readonly recordBytesMax: number;
  /** What may be under way to this host on one lane. Default 512 KiB. Less where `receiveBytesMax` is nearly used up. */
  readonly laneWindowBytes: number;
  /** All windows together: what peers may make this host hold for one link. Default 128 MiB. */
  readonly receiveBytesMax: number;
  /** What one lane may hold written and unsent. Default 128 KiB. */
  readonly laneQueueBytes: number;
  /** Frames are sent in packets up to this. Default 64 KiB. */
  readonly packetBytesMax: number;
  /** What may wait in the network layer before no more packets are made. Default 256 KiB. */
  readonly outputBytesMax: number;
  /** Something is sent at least so often. Default 1000 ms. */
  readonly beatMs: number;
  /** After so much silence of the peer the link is lost. Default 5000 ms; at least three times the peer's `beatMs`. */
  readonly detectMs: number;
  /** From the connection to the peer's hello. Default 5000 ms. */
  readonly helloTimeoutMs: number;
}

export const defaultHostLinkLimits: HostLinkLimits = {
  recordBytesMax: 8 * 1024,
  laneWindowBytes: 512 * 1024,
  receiveBytesMax: 128 * 1024 * 1024,
  laneQueueBytes: 128 * 1024,
  packetBytesMax: 64 * 1024,
  outputBytesMax: 256 * 1024,
  beatMs: 1000,
  detectMs: 5000,
  helloTimeoutMs: 5000,
};
