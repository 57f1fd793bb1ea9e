/**
 * The lanes of one link: by number, by pair of VMs, and in a round of those with something to send. It hands out windows so that
 * all together stay below `receiveBytesMax`, and gives each frame to its lane, or throws `LINK_CORRUPT`. Numbers are even for the
 * dialer's and odd for the acceptor's, count up, and are never used again.
 */
import { limits as kernelLimits } from "../../kernel/index.ts";
import { linkError } from "./errors.ts";
import { controlBytesMax, frame, type FrameReader, type FrameWriter } from "./frames.ts";
import type { CloseReason, HostLinkLimits, Lane, LaneLoss } from "./host-link.ts";
import { LinkLane, type LaneOwner } from "./lane.ts";
import { windowBytesMin } from "./limits.ts";

/** Bytes of one lane in a row, if others wait. */
const turnBytes = 4 * 1024;
/** Numbers in use, also of lanes that only one end has closed: a peer that never closes its own ends here. */
const numbersMax = 32 * 1024;
const superseded: CloseReason = { code: "superseded", text: "both hosts asked for this lane at once" };
const leaving: CloseReason = { code: "closing", text: "the link is being closed" };
const full: CloseReason = { code: "LANES_FULL", text: "the other host has no room for another lane" };

export class LaneTable implements LaneOwner {
  private readonly lanes = new Map<number, LinkLane>();
  /** Those that are not closed, by both VMs. */
  private readonly pairs = new Map<string, LinkLane>();
  private round: LinkLane[] = [];
  private nextRound: LinkLane[] = [];
  private touched: LinkLane[] = [];
  private readonly limits: HostLinkLimits;
  private readonly schedule: () => void;
  private recordBytesMax: number;
  private grantedBytes = 0;
  private nextId: number;
  private readonly ownParity: number;
  private peerId = -1;

  constructor(ownParity: 0 | 1, limits: HostLinkLimits, schedule: () => void) {
    this.ownParity = ownParity;
    this.nextId = ownParity;
    this.limits = limits;
    this.recordBytesMax = limits.recordBytesMax;
    this.schedule = schedule;
  }

  get size(): number {
    return this.pairs.size;
  }

  get queuedBytes(): number {
    let sum = 0;
    for (const lane of this.lanes.values()) sum += lane.queuedBytes;
    return sum;
  }

  get heldBytes(): number {
    let sum = 0;
    for (const lane of this.lanes.values()) sum += lane.heldBytes;
    return sum;
  }

  /** Nothing waits to be sent. */
  get idle(): boolean {
    return this.round.length === 0 && this.nextRound.length === 0;
  }

  /** What the peer takes. False: less than every channel must. */
  limitTo(recordBytesMax: number): boolean {
    this.recordBytesMax = recordBytesMax;
    return recordBytesMax >= kernelLimits.shortestRecordBytesMax;
  }

  /** Throws `LANE_TAKEN`, `LANES_FULL`. */
  open(localVm: number, remoteVm: number): Lane {
    if (this.pairs.has(keyOf(localVm, remoteVm))) throw linkError("LANE_TAKEN", { localVm, remoteVm });
    const windowBytes = this.window();
    if (windowBytes === undefined)
      throw linkError("LANES_FULL", { lanes: this.lanes.size, bytesMax: this.limits.receiveBytesMax });
    const lane = this.add("asking", this.nextId, localVm, remoteVm, windowBytes);
    this.nextId += 2;
    this.dirty(lane);
    return lane;
  }

  /** The lane that the host has to be asked about, if it is one. */
  peerOpens(frames: FrameReader, closing: boolean): LinkLane | undefined {
    const id = frames.number();
    const remoteVm = frames.number();
    const localVm = frames.number();
    const credit = creditIn(frames);
    if (id <= this.peerId || id % 2 === this.ownParity)
      throw frames.corrupt(`a lane opened with the number ${id}, after ${this.peerId}`);
    if (this.lanes.size >= 2 * numbersMax) throw frames.corrupt("lanes without end, none of them closed");
    this.peerId = id;
    const known = this.pairs.get(keyOf(localVm, remoteVm));
    if (known?.state === "asking") {
      if (this.ownParity === 0) this.bury(id, localVm, remoteVm, superseded);
      else this.adopt(known, id, credit);
      return undefined;
    }
    if (known !== undefined) throw frames.corrupt("a second lane between two VMs");
    const windowBytes = closing ? undefined : this.window();
    if (windowBytes === undefined) {
      this.bury(id, localVm, remoteVm, closing ? leaving : full);
      return undefined;
    }
    const lane = this.add("asked", id, localVm, remoteVm, windowBytes);
    lane.askedWith(credit);
    return lane;
  }

  /** Any other frame of lanes. */
  frame(kind: number, frames: FrameReader): void {
    const lane = this.lanes.get(frames.number());
    if (lane === undefined) throw frames.corrupt("a lane that was never opened, or is over");
    switch (kind) {
      case frame.data: {
        const length = frames.length(lane.maxRecordBytes);
        if (!lane.take(frames.bytes, frames.at, length)) throw frames.corrupt("more than a lane's credit");
        frames.at += length;
        break;
      }
      case frame.accept:
        if (!lane.peerAccepts(creditIn(frames))) throw frames.corrupt("a yes that nobody has asked for");
        break;
      case frame.credit:
        if (!lane.addCredit(frames.number())) throw frames.corrupt("more credit than a lane's window");
        break;
      case frame.close: {
        const code = frames.text(controlBytesMax);
        const text = frames.text(controlBytesMax);
        this.unpair(lane);
        if (!lane.peerClosed({ code, text })) throw frames.corrupt("a lane closed twice");
        break;
      }
      default:
        throw frames.corrupt(`a frame of the kind ${kind}`);
    }
    this.touch(lane);
  }

  /** Lanes take turns until the packet is full or nothing is left. */
  fill(out: FrameWriter): void {
    for (;;) {
      if (this.round.length === 0) {
        if (this.nextRound.length === 0) return;
        [this.round, this.nextRound] = [this.nextRound.reverse(), this.round];
      }
      const lane = this.round[this.round.length - 1];
      if (lane === undefined) return;
      const before = out.at;
      const more = lane.emit(out);
      // What does not fit is first in the next packet.
      if (more && out.at === before) return;
      this.round.pop();
      this.touch(lane);
      if (more) this.nextRound.push(lane);
      else lane.inRound = false;
    }
  }

  /** Wakes those for whom something has changed. */
  raise(): void {
    while (this.touched.length > 0) {
      const lanes = this.touched;
      this.touched = [];
      for (const lane of lanes) lane.touched = false;
      for (const lane of lanes) if (lane.rises) lane.wake();
    }
  }

  closeAll(reason: CloseReason): void {
    for (const lane of this.lanes.values()) {
      lane.close(reason);
      this.touch(lane);
    }
  }

  endAll(reason: CloseReason): LaneLoss[] {
    const losses: LaneLoss[] = [];
    for (const lane of this.lanes.values()) {
      const loss = lane.linkEnded(reason);
      if (loss !== undefined) losses.push(loss);
      this.touch(lane);
    }
    this.pairs.clear();
    this.lanes.clear();
    this.round = [];
    this.nextRound = [];
    return losses;
  }

  trim(): void {
    for (const lane of this.lanes.values()) lane.trim();
  }

  dirty(lane: LinkLane): void {
    if (lane.state === "closed") this.unpair(lane);
    if (this.lanes.get(lane.id) !== lane) return;
    this.schedule();
    if (lane.inRound) return;
    lane.inRound = true;
    this.nextRound.push(lane);
  }

  forget(lane: LinkLane): void {
    this.lanes.delete(lane.id);
    this.unpair(lane);
    this.grantedBytes -= lane.windowBytes;
  }

  private add(
    state: "asking" | "asked",
    id: number,
    localVm: number,
    remoteVm: number,
    windowBytes: number,
  ): LinkLane {
    const lane = this.make(state, id, localVm, remoteVm, windowBytes);
    this.pairs.set(keyOf(localVm, remoteVm), lane);
    this.grantedBytes += windowBytes;
    return lane;
  }

  private make(
    state: "asking" | "asked",
    id: number,
    localVm: number,
    remoteVm: number,
    windowBytes: number,
  ): LinkLane {
    const { recordBytesMax: maxRecordBytes } = this;
    const { laneQueueBytes: queueBytesMax } = this.limits;
    const options = { id, localVm, remoteVm, maxRecordBytes, windowBytes, queueBytesMax, turnBytes };
    const lane = new LinkLane(this, state, options);
    this.lanes.set(id, lane);
    return lane;
  }

  /** A number that comes to nothing: it is closed, and forgotten when the peer has closed it too. */
  private bury(id: number, localVm: number, remoteVm: number, reason: CloseReason): void {
    this.make("asked", id, localVm, remoteVm, 0).bury(reason);
  }

  private adopt(lane: LinkLane, id: number, credit: number): void {
    const old = lane.id;
    this.lanes.delete(old);
    if (lane.announced) this.bury(old, lane.localVm, lane.remoteVm, superseded);
    this.lanes.set(id, lane);
    lane.adopt(id, credit);
    this.touch(lane);
  }

  /**
   * Undefined: no room for another. It shrinks with the square of what is left, so that the first lanes are wide and there is still
   * room for thousands.
   */
  private window(): number | undefined {
    const { laneWindowBytes, receiveBytesMax } = this.limits;
    const left = receiveBytesMax - this.grantedBytes;
    const least = windowBytesMin(this.recordBytesMax);
    if (left < least || this.lanes.size >= numbersMax) return undefined;
    return Math.max(least, Math.floor(laneWindowBytes * (left / receiveBytesMax) ** 2));
  }

  private unpair(lane: LinkLane): void {
    const key = keyOf(lane.localVm, lane.remoteVm);
    if (this.pairs.get(key) === lane) this.pairs.delete(key);
  }

  private touch(lane: LinkLane): void {
    if (lane.touched) return;
    lane.touched = true;
    this.touched.push(lane);
  }
}

const keyOf = (localVm: number, remoteVm: number): string => `${localVm} ${remoteVm}`;

/** Throws `LINK_CORRUPT`. */
function creditIn(frames: FrameReader): number {
  const credit = frames.number();
  if (credit >= 2 ** 31) throw frames.corrupt("a window without bound");
  return credit;
}
