/**
 * One end of a lane: what was written and waits for its turn, what has come in and waits to be read, and how much of each there may
 * be. It knows nothing of packets and other lanes: its session asks it for frames and gives it those of the peer.
 */
import { assert } from "../../kernel/index.ts";
import { controlBytesMax, dataHeaderBytes, frame, type FrameWriter } from "./frames.ts";
import type { CloseReason, Lane, LaneLoss, LaneStatistics } from "./host-link.ts";
import { recordCostBytes, RecordQueue } from "./record-queue.ts";

/** What a lane asks of its session. */
export interface LaneOwner {
  /** The lane has something to send. */
  dirty(lane: LinkLane): void;
  /** Both ends have closed it. */
  forget(lane: LinkLane): void;
}

export interface LaneOptions {
  readonly id: number;
  readonly localVm: number;
  readonly remoteVm: number;
  readonly maxRecordBytes: number;
  /** What the peer may have under way to here: granted with the first frame. */
  readonly windowBytes: number;
  readonly queueBytesMax: number;
  /** Bytes that one lane sends before it is another one's turn. */
  readonly turnBytes: number;
}

const leftReason: CloseReason = { code: "closed", text: "the lane was closed" };

export class LinkLane implements Lane {
  id: number;
  readonly localVm: number;
  readonly remoteVm: number;
  readonly maxRecordBytes: number;
  readonly windowBytes: number;
  state: "asking" | "asked" | "open" | "closed";
  closeReason: CloseReason | undefined = undefined;
  wake: () => void = () => {};
  /** The session's: it waits for its turn to send; it has changed, and may have to be woken. */
  inRound = false;
  touched = false;
  private readonly incoming = new RecordQueue();
  private readonly outgoing = new RecordQueue();
  private readonly owner: LaneOwner;
  private readonly queueBytesMax: number;
  private readonly turnBytes: number;
  private opener: boolean;
  /** What the peer has room for now, and what it had in the beginning. */
  private credit = 0;
  private peerWindowBytes = 0;
  /** What the peer may still send. */
  private granted = 0;
  /** Records that the reader may have, and the writer has let go. */
  private published = 0;
  private readBytes = 0;
  private writtenRecords = 0;
  private readRecords = 0;
  private asleep = false;
  private wantBytes = -1;
  private wantRecords = true;
  /** Still to be said to the peer. */
  private sayFirst: boolean;
  private ownClose: CloseReason | undefined = undefined;
  private saidClose = false;
  private heardClose = false;

  constructor(owner: LaneOwner, state: "asking" | "asked", options: LaneOptions) {
    this.owner = owner;
    this.state = state;
    this.id = options.id;
    this.localVm = options.localVm;
    this.remoteVm = options.remoteVm;
    this.maxRecordBytes = options.maxRecordBytes;
    this.windowBytes = options.windowBytes;
    this.queueBytesMax = options.queueBytesMax;
    this.turnBytes = options.turnBytes;
    this.opener = state === "asking";
    this.sayFirst = this.opener;
  }

  /** Whether the peer has been asked for it: its number is then in use. */
  get announced(): boolean {
    return !this.sayFirst;
  }

  get statistics(): LaneStatistics {
    return {
      queuedBytes: this.outgoing.costBytes,
      heldBytes: this.incoming.costBytes,
      creditBytes: this.credit,
      writtenRecords: this.writtenRecords,
      readRecords: this.readRecords,
    };
  }

  get queuedBytes(): number {
    return this.outgoing.costBytes;
  }

  get heldBytes(): number {
    return this.incoming.costBytes;
  }

  accept(): void {
    if (this.state !== "asked") return;
    this.state = "open";
    this.sayFirst = true;
    this.owner.dirty(this);
  }

  write(bytes: Uint8Array, length: number): boolean {
    assert(length <= this.maxRecordBytes, "a record fits its lane");
    const cost = length + recordCostBytes;
    if (this.state !== "open" || !this.fits(cost)) return false;
    this.credit -= cost;
    this.outgoing.push(bytes, 0, length);
    this.writtenRecords++;
    return true;
  }

  read(target: Uint8Array): number {
    const length = this.incoming.shift(target, 0);
    if (length < 0) return -1;
    this.readRecords++;
    this.readBytes += length + recordCostBytes;
    return length;
  }

  /** Nobody has to be woken: the link acts by itself. */
  publish(): boolean {
    const fresh = this.outgoing.records > this.published;
    this.published = this.outgoing.records;
    if (fresh || this.creditDue) this.owner.dirty(this);
    return false;
  }

  get waiting(): boolean {
    return this.incoming.records > 0;
  }

  get ended(): boolean {
    return this.state === "closed" && this.incoming.records === 0;
  }

  prepareSleep(bytesToWrite: number, reads = true): boolean {
    if ((reads && this.waiting) || this.state === "closed") return false;
    if (bytesToWrite >= 0 && this.state === "open" && this.fits(bytesToWrite + recordCostBytes)) return false;
    this.wantBytes = bytesToWrite;
    this.wantRecords = reads;
    this.asleep = true;
    return true;
  }

  awake(): void {
    this.asleep = false;
  }

  /** The session's, after it has changed something: true once for each sleep that is over. */
  get rises(): boolean {
    if (!this.asleep) return false;
    // Half of it, so that a writer that waits is not woken for each record.
    const room =
      this.wantBytes >= 0 &&
      this.state === "open" &&
      this.fits(this.wantBytes + recordCostBytes) &&
      (this.outgoing.records === 0 || this.outgoing.costBytes <= this.queueBytesMax >> 1);
    const records = this.wantRecords && this.waiting;
    if (!room && !records && this.state !== "closed") return false;
    this.asleep = false;
    return true;
  }

  close(reason: CloseReason = leftReason): void {
    this.incoming.clear();
    if (this.ownClose !== undefined) return;
    this.ownClose = reason;
    if (this.state !== "closed") this.closeReason = reason;
    this.state = "closed";
    this.published = this.outgoing.records;
    this.owner.dirty(this);
  }

  /** Moves frames to the packet, as far as there is room and it is this lane's turn. True: there is more. */
  emit(out: FrameWriter): boolean {
    if (out.room < controlBytesMax) return true;
    if (this.sayFirst) this.sayHow(out);
    if (this.creditDue) this.grantMore(out);
    const { outgoing } = this;
    const end = out.at + this.turnBytes;
    while (this.published > 0 && out.at < end) {
      if (out.room < outgoing.firstLength + dataHeaderBytes + controlBytesMax) return true;
      out.number(frame.data).number(this.id).number(outgoing.firstLength);
      out.at += outgoing.shift(out.bytes, out.at);
      this.published--;
    }
    if (this.published > 0) return true;
    if (this.ownClose !== undefined && !this.saidClose) this.sayClose(out);
    return false;
  }

  /** The peer has asked for this lane, and may be sent so much. */
  askedWith(creditBytes: number): void {
    this.credit = this.peerWindowBytes = creditBytes;
  }

  /** The peer says yes. False: nobody has asked it. */
  peerAccepts(creditBytes: number): boolean {
    if (this.ownClose !== undefined) return true;
    if (this.state !== "asking" || this.sayFirst) return false;
    this.state = "open";
    this.askedWith(creditBytes);
    return true;
  }

  /** Both have asked for the same at once: the peer's question counts, and is answered with yes. */
  adopt(id: number, creditBytes: number): void {
    assert(this.state === "asking", "only a lane that is asked for takes another's number");
    this.id = id;
    this.opener = false;
    this.sayFirst = true;
    this.state = "open";
    this.askedWith(creditBytes);
    this.owner.dirty(this);
  }

  /** A number that was announced, is not needed, and is over once the peer has said so too. */
  bury(reason: CloseReason): void {
    this.sayFirst = false;
    this.close(reason);
  }

  /** The peer has room for more. False: for more than it ever had. */
  addCredit(bytes: number): boolean {
    if (this.ownClose !== undefined) return true;
    this.credit += bytes;
    return this.credit <= this.peerWindowBytes;
  }

  /** Of this record: false if the peer has no credit for it. After our close it is counted and dropped. */
  take(bytes: Uint8Array, at: number, length: number): boolean {
    this.granted -= length + recordCostBytes;
    if (this.granted < 0 || this.state === "asking" || this.heardClose) return false;
    if (this.ownClose === undefined) this.incoming.push(bytes, at, length);
    return true;
  }

  /** The peer has closed it: what it sent can still be read. False if it has said so before. */
  peerClosed(reason: CloseReason): boolean {
    if (this.heardClose) return false;
    this.heardClose = true;
    if (this.state !== "closed") this.closeReason = reason;
    this.state = "closed";
    this.outgoing.clear();
    this.published = 0;
    this.ownClose ??= reason;
    if (this.saidClose) this.owner.forget(this);
    else this.owner.dirty(this);
    return true;
  }

  /** Now and then: lets go of memory that is not used. */
  trim(): void {
    this.incoming.trim();
    this.outgoing.trim();
  }

  /** The link has ended. What is lost with it; undefined if there was nothing. */
  linkEnded(reason: CloseReason): LaneLoss | undefined {
    const { localVm, remoteVm } = this;
    const loss: LaneLoss = {
      localVm,
      remoteVm,
      queuedRecords: this.outgoing.records,
      queuedBytes: this.outgoing.costBytes,
      unconfirmedBytes: Math.max(0, this.peerWindowBytes - this.credit - this.outgoing.costBytes),
    };
    if (this.state !== "closed") this.closeReason = reason;
    this.state = "closed";
    this.outgoing.clear();
    this.published = 0;
    return loss.queuedRecords + loss.unconfirmedBytes > 0 ? loss : undefined;
  }

  private fits(cost: number): boolean {
    return cost <= this.credit && this.outgoing.costBytes + cost <= this.queueBytesMax;
  }

  /** Half of the window is read: less would be a frame for each record. */
  private get creditDue(): boolean {
    return this.readBytes * 2 >= this.windowBytes && this.state === "open";
  }

  private sayHow(out: FrameWriter): void {
    this.sayFirst = false;
    this.granted = this.windowBytes;
    if (this.opener) out.number(frame.open).number(this.id).number(this.localVm).number(this.remoteVm);
    else out.number(frame.accept).number(this.id);
    out.number(this.windowBytes);
  }

  private grantMore(out: FrameWriter): void {
    out.number(frame.credit).number(this.id).number(this.readBytes);
    this.granted += this.readBytes;
    this.readBytes = 0;
  }

  private sayClose(out: FrameWriter): void {
    const { code, text } = this.ownClose ?? leftReason;
    out.number(frame.close).number(this.id).text(code.slice(0, 64)).text(text.slice(0, 512));
    this.saidClose = true;
    if (this.heardClose) this.owner.forget(this);
  }
}
