/**
 * Records that wait for room, oldest first: long frames are cut into fragments on the way in. They are packed into chunks, each
 * behind its length, so that a million of short ones weigh what they count and not a hundred times as much.
 */
import { limits } from "../../kernel/index.ts";
import { frame } from "./frame.ts";

const chunkBytesMin = 1024;
const chunkBytesMax = 64 * 1024;
const keptBytesMax = 16 * 1024;
const loopBytesMax = 64;
/** In front of each record. */
const lengthBytes = 4;

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

/** Some records, one behind the other. */
class Chunk {
  bytes: Uint8Array;
  /** Where the first record that is not sent begins, and where the last one ends. */
  start = 0;
  end = 0;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  /** Of the first record. */
  get length(): number {
    const { bytes, start } = this;
    return (
      byte(bytes, start) |
      (byte(bytes, start + 1) << 8) |
      (byte(bytes, start + 2) << 16) |
      (byte(bytes, start + 3) << 24)
    );
  }

  /** Where the record's own bytes go. */
  open(length: number): number {
    const { bytes, end } = this;
    bytes[end] = length;
    bytes[end + 1] = length >> 8;
    bytes[end + 2] = length >> 16;
    bytes[end + 3] = length >> 24;
    this.end = end + lengthBytes + length;
    return end + lengthBytes;
  }

  /** Nothing more comes in: what is much too large for what it holds is cut to it. */
  close(): void {
    if (this.end < 0.75 * this.bytes.length) this.bytes = this.bytes.slice(0, this.end);
  }
}

export class OutQueue {
  /** Of all that waits, with the lengths in front. */
  bytes = 0;
  /** The oldest record: so many bytes from the start of `first`, -1 if there is none. */
  firstBytes = -1;
  first: Uint8Array;
  private chunks: Chunk[] = [];
  private readonly short: Uint8Array = new Uint8Array(loopBytesMax);

  constructor() {
    this.first = this.short;
  }

  get empty(): boolean {
    return this.firstBytes < 0;
  }

  /** What it takes of the memory. */
  get heldBytes(): number {
    return this.chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  shift(): void {
    const chunk = this.chunks[0];
    if (chunk === undefined || this.empty) return;
    const length = lengthBytes + this.firstBytes;
    this.bytes -= length;
    chunk.start += length;
    if (chunk.start === chunk.end) this.drop(chunk);
    this.look();
  }

  /** Before there is a channel, its records may be as short as any channel's. */
  add(bytes: Uint8Array, length: number, maxRecordBytes: number = limits.shortestRecordBytesMax): void {
    if (length <= maxRecordBytes) {
      const chunk = this.room(length);
      copy(bytes, length, chunk.bytes, chunk.open(length));
    } else {
      const part = maxRecordBytes - 1;
      for (let from = 0; from < length; from += part) {
        const to = Math.min(length, from + part);
        const chunk = this.room(1 + to - from);
        const at = chunk.open(1 + to - from);
        chunk.bytes[at] = to === length ? frame.lastFragment : frame.fragment;
        chunk.bytes.set(bytes.subarray(from, to), at + 1);
      }
    }
    if (this.empty) this.look();
  }

  clear(): void {
    this.chunks = [];
    this.bytes = 0;
    this.look();
  }

  /** All of it is sent. The last one is used again, unless it is large: a way that is just busy makes no garbage. */
  private drop(chunk: Chunk): void {
    if (this.chunks.length > 1 || chunk.bytes.length > keptBytesMax) this.chunks.shift();
    else chunk.start = chunk.end = 0;
  }

  /** What is oldest now. */
  private look(): void {
    const chunk = this.chunks[0];
    this.first = this.short;
    this.firstBytes = -1;
    if (chunk === undefined || chunk.start === chunk.end) return;
    this.firstBytes = chunk.length;
    const from = chunk.start + lengthBytes;
    if (this.firstBytes > loopBytesMax) this.first = chunk.bytes.subarray(from, from + this.firstBytes);
    else for (let i = 0; i < this.firstBytes; i++) this.short[i] = byte(chunk.bytes, from + i);
  }

  /** The chunk that the next record goes into. */
  private room(length: number): Chunk {
    const neededBytes = lengthBytes + length;
    this.bytes += neededBytes;
    const last = this.chunks[this.chunks.length - 1];
    if (last !== undefined && last.bytes.length - last.end >= neededBytes) return last;
    if (last?.start === last?.end) this.chunks.pop();
    else last?.close();
    // Each is twice the last one, so that little that waits weighs little.
    const usual = Math.min(chunkBytesMax, Math.max(chunkBytesMin, 2 * (last?.bytes.length ?? 0)));
    const chunk = new Chunk(neededBytes > usual / 2 ? neededBytes : usual);
    this.chunks.push(chunk);
    return chunk;
  }
}

/** A few bytes are copied faster than a view of them is made. */
function copy(from: Uint8Array, length: number, to: Uint8Array, at: number): void {
  if (length > loopBytesMax) return to.set(from.subarray(0, length), at);
  for (let i = 0; i < length; i++) to[at + i] = byte(from, i);
}
