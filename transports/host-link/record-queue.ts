/**
 * Records in the order they came, packed into one block that grows and shrinks with them. It has no bound of its own: a lane's
 * credit is its bound. Each record counts for its bytes and `recordCostBytes`, so that empty ones cost as well.
 */
import { assert } from "../../kernel/index.ts";

/** What a record counts beside its bytes: more than the length in front of it. */
export const recordCostBytes = 8;
const lengthBytes = 4;
const firstBytes = 1024;
const loopBytesMax = 48;

export class RecordQueue {
  records = 0;
  /** Of all records, with what each costs. */
  costBytes = 0;
  private block: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  private idle = true;

  /** Copies `length` bytes from `at` on. */
  push(bytes: Uint8Array, at: number, length: number): void {
    this.reserve(lengthBytes + length);
    const { block, end } = this;
    block[end] = length;
    block[end + 1] = length >> 8;
    block[end + 2] = length >> 16;
    block[end + 3] = length >> 24;
    copy(bytes, at, length, block, end + lengthBytes);
    this.end = end + lengthBytes + length;
    this.records++;
    this.costBytes += length + recordCostBytes;
    this.idle = false;
  }

  /** Of the oldest record; -1 if there is none. */
  get firstLength(): number {
    if (this.records === 0) return -1;
    const { block, start } = this;
    return (
      byte(block, start) |
      (byte(block, start + 1) << 8) |
      (byte(block, start + 2) << 16) |
      (byte(block, start + 3) << 24)
    );
  }

  /** Moves the oldest record to `target`, and gives its length; -1 if there is none. */
  shift(target: Uint8Array, at: number): number {
    const length = this.firstLength;
    if (length < 0) return -1;
    assert(at + length <= target.length, "a record is moved to where it fits");
    copy(this.block, this.start + lengthBytes, length, target, at);
    this.start += lengthBytes + length;
    this.records--;
    this.costBytes -= length + recordCostBytes;
    if (this.records === 0) this.start = this.end = 0;
    return length;
  }

  clear(): void {
    this.records = this.costBytes = this.start = this.end = 0;
    this.block = new Uint8Array(0);
  }

  /** Called now and then: a block that has not been used since the last call is let go. */
  trim(): void {
    if (this.records === 0 && this.idle) this.block = new Uint8Array(0);
    this.idle = true;
  }

  private reserve(bytes: number): void {
    const { block, start, end } = this;
    if (end + bytes <= block.length) return;
    const used = end - start;
    const room = Math.max(firstBytes, block.length);
    // Moved down only where that frees half of it: so each byte is moved a few times at the most.
    const target =
      2 * (used + bytes) <= room && block.length > 0 ? block : new Uint8Array(grown(room, used + bytes));
    target.set(block.subarray(start, end));
    this.block = target;
    this.start = 0;
    this.end = used;
  }
}

function grown(bytes: number, needed: number): number {
  let size = bytes;
  while (size < 2 * needed) size *= 2;
  return size;
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

/** A few bytes are copied faster than a view of them is made. */
function copy(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): void {
  if (length > loopBytesMax) return to.set(from.subarray(start, start + length), at);
  for (let i = 0; i < length; i++) to[at + i] = byte(from, start + i);
}
