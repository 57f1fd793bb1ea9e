/**
 * Records of a VM packed into those of a lane, and back: many short ones go as one, a long one as several. Each has its length in
 * front. Like a ring, it waits for nothing: it takes a record whole or not at all.
 */
import { limits } from "../../kernel/index.ts";
import type { Lane } from "../../transports/index.ts";
import { srcError } from "../errors.ts";
import { type LaneBuffers, lengthBytes } from "./lane-buffers.ts";

const recordMax = limits.farRecordBytesMax;
/** What a lane keeps for itself: enough for the few words of a round that most have, so that thousands need no more at once. */
const ownBytes = 512;
const none = new Uint8Array(0);

/** The way out: what has no room in the lane waits, one record more than a lane's at the most. */
export class LanePacker {
  private readonly lane: Lane;
  private readonly buffers: LaneBuffers;
  private own: Uint8Array = none;
  private buffer: Uint8Array = none;
  private start = 0;
  private end = 0;

  constructor(lane: Lane, buffers: LaneBuffers) {
    this.lane = lane;
    this.buffers = buffers;
  }

  /** Not in the lane yet. */
  get bytes(): number {
    return this.end - this.start;
  }

  /** It takes one record more, whatever its length. */
  get hasRoom(): boolean {
    return this.bytes < this.lane.maxRecordBytes;
  }

  /** False: no room now. Throws `LANE_RECORD` for what no VM may send. */
  add(record: Uint8Array, length: number): boolean {
    if (length > recordMax) throw srcError("LANE_RECORD", { bytes: length, bytesMax: recordMax });
    // What fills a record of the lane goes at once; the rest waits for more, or for the flush.
    while (!this.hasRoom) if (!this.move(this.lane.maxRecordBytes)) return false;
    this.reserve(lengthBytes + length);
    const { buffer, end: at } = this;
    buffer[at] = length;
    buffer[at + 1] = length >> 8;
    buffer[at + 2] = length >> 16;
    buffer[at + 3] = 0;
    buffer.set(length === record.length ? record : record.subarray(0, length), at + lengthBytes);
    this.end = at + lengthBytes + length;
    return true;
  }

  /** Puts all into the lane, as far as there is room. */
  flush(): void {
    while (this.bytes > 0 && this.move(Math.min(this.bytes, this.lane.maxRecordBytes)));
  }

  /** Of the record of the lane that is next, in bytes; -1: nothing waits. */
  get nextBytes(): number {
    return this.bytes === 0 ? -1 : Math.min(this.bytes, this.lane.maxRecordBytes);
  }

  private move(length: number): boolean {
    const { buffer, start } = this;
    const chunk = start === 0 ? buffer : buffer.subarray(start, start + length);
    if (!this.lane.write(chunk, length)) return false;
    this.start = start + length;
    if (this.start === this.end) this.rest();
    return true;
  }

  private reserve(bytes: number): void {
    const { start, end, buffer } = this;
    if (end + bytes <= buffer.length) return;
    const used = end - start;
    if (used + bytes <= buffer.length) buffer.copyWithin(0, start, end);
    else if (used + bytes <= ownBytes) this.buffer = this.own = new Uint8Array(ownBytes);
    else {
      this.buffer = this.buffers.take(this.lane.maxRecordBytes);
      this.buffer.set(buffer.subarray(start, end));
    }
    this.start = 0;
    this.end = used;
  }

  private rest(): void {
    this.start = this.end = 0;
    if (this.buffer === this.own) return;
    this.buffers.give(this.buffer);
    this.buffer = this.own;
  }
}

/** The way in. */
export class LaneUnpacker {
  private readonly lane: Lane;
  private readonly buffers: LaneBuffers;
  private buffer: Uint8Array = none;
  private start = 0;
  private end = 0;

  constructor(lane: Lane, buffers: LaneBuffers) {
    this.lane = lane;
    this.buffers = buffers;
  }

  /** True if `read` would find something: it may be the beginning of a record only. */
  get waiting(): boolean {
    return this.whole !== 0 || this.lane.waiting;
  }

  /** Its length; -1: there is none. Throws `LANE_RECORD` for what no VM may send: it is of no more use then. */
  read(target: Uint8Array): number {
    for (let whole = this.whole; ; whole = this.whole) {
      if (whole < 0) throw srcError("LANE_RECORD", { bytes: -whole, bytesMax: recordMax });
      if (whole > 0) return this.take(target, whole);
      if (!this.lane.waiting) return -1;
      this.fill();
    }
  }

  private take(target: Uint8Array, whole: number): number {
    const from = this.start + lengthBytes;
    this.start += whole;
    target.set(this.buffer.subarray(from, this.start));
    if (this.start === this.end) {
      this.start = this.end = 0;
      this.buffers.give(this.buffer);
      this.buffer = none;
    }
    return whole - lengthBytes;
  }

  /** One more record of the lane, behind the beginning of one of a VM: there is always room for both. */
  private fill(): void {
    const { lane, start } = this;
    if (this.buffer === none) this.buffer = this.buffers.take(lane.maxRecordBytes);
    const { buffer } = this;
    const used = this.end - start;
    if (start > 0) buffer.copyWithin(0, start, this.end);
    this.start = 0;
    this.end = used + lane.read(used === 0 ? buffer : buffer.subarray(used));
  }

  /** Bytes of the record that is next, with its length; 0: it is not all there; below 0: it is longer than any may be. */
  private get whole(): number {
    const { buffer, start, end } = this;
    if (end - start < lengthBytes) return 0;
    const length = byte(buffer, start) | (byte(buffer, start + 1) << 8) | (byte(buffer, start + 2) << 16);
    if (length > recordMax || buffer[start + 3] !== 0) return -length - 1;
    return end - start < lengthBytes + length ? 0 : lengthBytes + length;
  }
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
