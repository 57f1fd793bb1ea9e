/** A peer that writes what it likes wherever it likes: each side gives one coded error, and nothing else happens to it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMotesError } from "../../../kernel/index.ts";
import { ringBytes, ringWord } from "../../../transports/ring/layout.ts";
import { RingReader } from "../../../transports/ring/reader.ts";
import { createRing, type Ring } from "../../../transports/ring/ring.ts";
import { RingWriter } from "../../../transports/ring/writer.ts";

const headerWords = Object.values(ringWord);

/** xorshift32: quick enough for millions of choices, and the seed is fast-check's. */
class Choice {
  private state: number;
  constructor(seed: number) {
    this.state = seed | 1;
  }
  below(bound: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % bound;
  }
}

/** Bodies that one side holds within one batch: none may share a byte with another, or leave the data. */
class Bodies {
  private readonly taken: Uint8Array;
  private count = 0;
  constructor(capacityBytes: number) {
    this.taken = new Uint8Array(capacityBytes);
  }
  add(offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > this.taken.length) {
      throw new Error(`a body outside of the ring: ${offset} + ${length}`);
    }
    for (let i = offset; i < offset + length; i++) {
      if (this.taken[i] === 1) throw new Error(`two bodies share byte ${i}`);
      this.taken[i] = 1;
    }
    if (++this.count > this.taken.length / 8) throw new Error("more records than there is room for");
  }
  clear(): void {
    this.taken.fill(0);
    this.count = 0;
  }
}

class Attack {
  readonly ring: Ring;
  overwrites = 0;
  private readonly choice: Choice;
  private readonly writer: RingWriter;
  private readonly reader: RingReader;
  private readonly written: Bodies;
  private readonly read: Bodies;
  private readonly scratch: Uint8Array;

  constructor(seed: number) {
    this.choice = new Choice(seed);
    const capacityBytes = 64 << this.choice.below(4);
    const startIndex = -8 * this.choice.below(64);
    this.ring = createRing(new SharedArrayBuffer(ringBytes(capacityBytes)), { capacityBytes, startIndex });
    this.writer = new RingWriter(this.ring);
    this.reader = new RingReader(this.ring);
    this.written = new Bodies(capacityBytes);
    this.read = new Bodies(capacityBytes);
    this.scratch = new Uint8Array(capacityBytes).fill(0x11);
  }

  /** Which sides found out; the other goes on to the end. */
  run(steps: number): { readonly writer: boolean; readonly reader: boolean } {
    for (let i = 0; i < steps; i++) {
      if (this.choice.below(4) === 0) this.overwrite();
      if (!this.writer.closed) this.guarded("writer", () => this.write());
      if (!this.reader.closed) this.guarded("reader", () => this.consume());
    }
    return { writer: this.writer.closed, reader: this.reader.closed };
  }

  private guarded(side: "writer" | "reader", act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!isMotesError(error, "RING_CORRUPT")) throw error;
      if ((error.details as { side: string }).side !== side) throw error;
      const word = side === "reader" ? ringWord.closedByConsumer : ringWord.closedByProducer;
      if (!this[side].closed || Atomics.load(this.ring.header, word) !== 1)
        throw new Error("not closed", { cause: error });
    }
  }

  private overwrite(): void {
    this.overwrites++;
    const { header, words } = this.ring;
    const value = this.value();
    const place = this.choice.below(8);
    if (place < 4) words[this.choice.below(words.length)] = value;
    else if (place === 4) header[ringWord.tail] = value;
    else if (place === 5) header[ringWord.head] = value;
    else header[headerWords[this.choice.below(headerWords.length)] as number] = value;
  }

  /** Mostly what lies near the truth, as what is far from it is found at once. */
  private value(): number {
    const { header, capacityBytes } = this.ring;
    const kind = this.choice.below(8);
    if (kind === 0) return this.choice.below(2 ** 32) | 0;
    if (kind === 1) return -1;
    if (kind === 2) return this.choice.below(capacityBytes);
    if (kind === 3) return [0x7fffffff, -0x80000000, 0, -8, capacityBytes][this.choice.below(5)] as number;
    const base = header[kind < 6 ? ringWord.tail : ringWord.head] as number;
    return (base + 8 * (this.choice.below(2 * (capacityBytes >> 3) + 1) - (capacityBytes >> 3))) | 0;
  }

  private write(): void {
    const { writer, written } = this;
    for (let n = this.choice.below(4); n > 0; n--) {
      const length = this.choice.below(writer.maxBodyBytes + 1);
      const offset = writer.reserve(length);
      if (offset < 0) break;
      written.add(offset, length);
      writer.bytes.fill(0x11, offset, offset + length);
      writer.commit(length);
    }
    writer.publish();
    written.clear();
    if (this.choice.below(4) === 0) writer.waitForSpace(this.choice.below(writer.maxBodyBytes + 1));
    if (writer.freeBytes > writer.capacityBytes) throw new Error("more is free than there is");
  }

  private consume(): void {
    const { reader, read } = this;
    for (let n = this.choice.below(6); n > 0; n--) {
      const length = reader.peek();
      if (length < 0) break;
      if (length > reader.maxBodyBytes) throw new Error("a body too long");
      read.add(reader.offset, length);
      reader.copy(this.scratch);
      reader.release();
    }
    reader.publish();
    read.clear();
    if (this.choice.below(8) === 0 && reader.prepareSleep()) reader.awake();
  }
}

function expectCorrupt(act: () => unknown, word: string): void {
  expect(act).toThrow(
    expect.objectContaining({ code: "RING_CORRUPT", details: expect.objectContaining({ word }) }),
  );
}

function ringWith(
  records: number,
  capacityBytes = 256,
): { ring: Ring; writer: RingWriter; reader: RingReader } {
  const ring = createRing(new SharedArrayBuffer(ringBytes(capacityBytes)), { capacityBytes });
  const writer = new RingWriter(ring);
  for (let i = 0; i < records; i++) writer.write(new Uint8Array(16).fill(i));
  writer.publish();
  return { ring, writer, reader: new RingReader(ring) };
}

describe("ring and a hostile peer", () => {
  test("ring: a tail that cannot be true closes the reader", () => {
    for (const tail of [4, -8, 264, 2 ** 31 - 8, -(2 ** 31), 1]) {
      const { ring, reader } = ringWith(0);
      Atomics.store(ring.header, ringWord.tail, tail);
      expectCorrupt(() => reader.peek(), "tail");
      expect(reader.closed).toBe(true);
      expect(() => reader.peek()).toThrow(expect.objectContaining({ code: "RING_CLOSED" }));
    }
  });

  test("ring: a tail that goes back behind what was seen closes the reader", () => {
    const { ring, reader } = ringWith(3);
    for (let i = 0; i < 3; i++) {
      reader.peek();
      reader.release();
    }
    Atomics.store(ring.header, ringWord.tail, 24);
    expectCorrupt(() => reader.peek(), "tail");
  });

  test("ring: a head that cannot be true closes the writer", () => {
    for (const head of [4, 80, -8, 2 ** 31 - 8, -(2 ** 31)]) {
      const { ring, writer } = ringWith(3);
      Atomics.store(ring.header, ringWord.head, head);
      expectCorrupt(() => writer.freeBytes, "head");
      expect(writer.closed).toBe(true);
      expect(() => writer.reserve(8)).toThrow(expect.objectContaining({ code: "RING_CLOSED" }));
    }
  });

  test("ring: a head that goes back closes the writer, as it would overwrite what is in use", () => {
    const { ring, writer } = ringWith(3);
    Atomics.store(ring.header, ringWord.head, 48);
    expect(writer.freeBytes).toBe(256 - 24);
    Atomics.store(ring.header, ringWord.head, 24);
    expectCorrupt(() => writer.freeBytes, "head");
  });

  test("ring: a length that cannot be true closes the reader", () => {
    for (const length of [-2, 65, 17, 2 ** 31 - 1, -(2 ** 31)]) {
      const { ring, reader } = ringWith(1);
      ring.words[0] = length;
      expectCorrupt(() => reader.peek(), "record length");
    }
  });

  test("ring: padding at the start, or with nothing behind it, closes the reader", () => {
    const atStart = ringWith(1);
    atStart.ring.words[0] = -1;
    expectCorrupt(() => atStart.reader.peek(), "record length");
    const nothingBehind = ringWith(2);
    nothingBehind.reader.peek();
    nothingBehind.reader.release();
    nothingBehind.ring.words[24 >> 2] = -1;
    expectCorrupt(() => nothingBehind.reader.peek(), "record length");
  });

  test("ring: a record that bears another index than its own closes the reader", () => {
    const { ring, reader } = ringWith(1);
    ring.words[1] = 8;
    expectCorrupt(() => reader.peek(), "record index");
  });

  test("ring: a length that changes after it was looked at changes nothing", () => {
    const { ring, reader } = ringWith(2);
    expect(reader.peek()).toBe(16);
    ring.words[0] = 60;
    expect(reader.peek()).toBe(16);
    expect(reader.copy(new Uint8Array(16))).toBe(16);
    reader.release();
    expect(reader.peek()).toBe(16);
    expect(reader.offset).toBe(32);
  });

  test("ring: a capacity overwritten after the attach is never looked at", () => {
    const { ring, reader, writer } = ringWith(1);
    ring.header[ringWord.capacity] = 2 ** 30;
    expect(reader.peek()).toBe(16);
    expect(writer.freeBytes).toBe(256 - 24);
  });

  test("fuzz: header words and records overwritten at random give the coded error or nothing", () => {
    let overwrites = 0;
    const found = { writer: 0, reader: 0, neither: 0 };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const attack = new Attack(seed);
        const closed = attack.run(60);
        overwrites += attack.overwrites;
        if (closed.writer) found.writer++;
        if (closed.reader) found.reader++;
        if (!closed.writer && !closed.reader) found.neither++;
      }),
      { numRuns: 70_000 },
    );
    // The fuzz gets everywhere: each side finds out often, and some attacks hit nothing that matters.
    expect(found.writer).toBeGreaterThan(10_000);
    expect(found.reader).toBeGreaterThan(10_000);
    expect(found.neither).toBeGreaterThan(10);
    expect(overwrites).toBeGreaterThan(1_000_000);
  });
});
