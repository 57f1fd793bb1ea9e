/**
 * Records of a VM packed into those of a lane, and back: many short ones go as one, a long one as several. Each has its length in
 * front. Like a ring, it waits for nothing: it takes a record whole or not at all.
 */
import { limits } from "../../kernel/index.ts";
import type { Lane } from "../../transports/index.ts";
import { srcError } from "../errors.ts";

const lengthBytes = 4;
const recordMax = limits.farRecordBytesMax;

/** The way out: what has no room in the lane waits, one record more than a lane's at the most. */
export class LanePacker {
  private readonly lane: Lane;
  private readonly buffer: Uint8Array;
  private start = 0;
  private end = 0;

  constructor(lane: Lane) {
    this.lane = lane;
    this.buffer = new Uint8Array(lane.maxRecordBytes + lengthBytes + recordMax);
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
    const { buffer } = this;
    if (this.end + lengthBytes + length > buffer.length) {
      buffer.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    const at = this.end;
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
    if (this.start === this.end) this.start = this.end = 0;
    return true;
  }
}

/** The way in. */
export class LaneUnpacker {
  private readonly lane: Lane;
  private readonly buffer: Uint8Array;
  private readonly chunk: Uint8Array;
  private start = 0;
  private end = 0;

  constructor(lane: Lane) {
    this.lane = lane;
    this.chunk = new Uint8Array(lane.maxRecordBytes);
    this.buffer = new Uint8Array(lengthBytes + recordMax + lane.maxRecordBytes);
  }

  /** True if `read` would find something: it may be the beginning of a record only. */
  get waiting(): boolean {
    return this.whole !== 0 || this.lane.waiting;
  }

  /** Its length; -1: there is none. Throws `LANE_RECORD` for what no VM may send: it is of no more use then. */
  read(target: Uint8Array): number {
    for (let whole = this.whole; ; whole = this.whole) {
      if (whole < 0) throw srcError("LANE_RECORD", { bytes: -whole, bytesMax: recordMax });
      if (whole > 0) {
        const from = this.start + lengthBytes;
        this.start += whole;
        target.set(this.buffer.subarray(from, this.start));
        return whole - lengthBytes;
      }
      const got = this.lane.read(this.chunk);
      if (got < 0) return -1;
      const { buffer, start } = this;
      if (this.end + got > buffer.length) {
        buffer.copyWithin(0, start, this.end);
        this.end -= start;
        this.start = 0;
      }
      buffer.set(got === this.chunk.length ? this.chunk : this.chunk.subarray(0, got), this.end);
      this.end += got;
    }
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
