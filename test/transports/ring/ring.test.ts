import { describe, expect, test } from "vitest";
import { limits } from "../../../kernel/index.ts";
import { ringBytes, ringWord } from "../../../transports/ring/layout.ts";
import { attachRingPair, createRingPair, ringPairBytes } from "../../../transports/ring/pair.ts";
import { RingReader } from "../../../transports/ring/reader.ts";
import { attachRing, createRing, type Ring } from "../../../transports/ring/ring.ts";
import { RingWriter } from "../../../transports/ring/writer.ts";

interface Ends {
  readonly memory: SharedArrayBuffer;
  readonly ring: Ring;
  readonly writer: RingWriter;
  readonly reader: RingReader;
}

function ends(capacityBytes: number, startIndex = 0): Ends {
  const memory = new SharedArrayBuffer(ringBytes(capacityBytes));
  const ring = createRing(memory, { capacityBytes, startIndex });
  const writer = new RingWriter(ring);
  return { memory, ring, writer, reader: new RingReader(attachRing(memory, { capacityBytes })) };
}

function body(...bytes: number[]): Uint8Array {
  return Uint8Array.from(bytes);
}

/** Everything that can be read now, given back. */
function drain(reader: RingReader): number[][] {
  const records: number[][] = [];
  const target = new Uint8Array(reader.maxBodyBytes);
  while (reader.peek() >= 0) {
    records.push([...target.subarray(0, reader.copy(target))]);
    reader.release();
  }
  reader.publish();
  return records;
}

function fill(writer: RingWriter, bodyBytes: number): number {
  let count = 0;
  while (writer.write(new Uint8Array(bodyBytes).fill(count + 1))) count++;
  return count;
}

describe("ring: records", () => {
  test("ring: what is written and published is read, in order", () => {
    const { writer, reader } = ends(256);
    writer.write(body(1, 2, 3));
    writer.write(body());
    expect(reader.peek()).toBe(-1);
    writer.publish();
    expect(drain(reader)).toEqual([[1, 2, 3], []]);
    expect(reader.peek()).toBe(-1);
  });

  test("ring: a claim is filled in place, and may end shorter", () => {
    const { writer, reader } = ends(256);
    const offset = writer.reserve(40);
    writer.bytes.set([7, 8], offset);
    writer.words[(offset >> 2) + 1] = 0x01020304;
    writer.commit(8);
    writer.publish();
    expect(reader.peek()).toBe(8);
    expect(reader.words[(reader.offset >> 2) + 1]).toBe(0x01020304);
    expect(drain(reader)).toEqual([[7, 8, 0, 0, 4, 3, 2, 1]]);
    expect(writer.freeBytes).toBe(256);
  });

  test("ring: a claim that is not committed leaves no trace", () => {
    const { writer, reader } = ends(64);
    writer.write(body(1));
    expect(writer.reserve(16)).toBeGreaterThan(0);
    expect(writer.reserve(3)).toBeGreaterThan(0);
    writer.publish();
    expect(drain(reader)).toEqual([[1]]);
    expect(fill(writer, 8)).toBe(4);
    expect(writer.reserve(8)).toBe(-1);
    writer.publish();
    expect(drain(reader)).toEqual([1, 2, 3, 4].map((value) => Array(8).fill(value)));
  });

  test("ring: a record that does not fit before the end starts over, and none is cut", () => {
    const { writer, reader } = ends(64, 40);
    expect(writer.write(new Uint8Array(16).fill(1))).toBe(true);
    writer.publish();
    expect(drain(reader)).toHaveLength(1);
    const { writer: late, reader: lateReader } = ends(64, 48);
    expect(late.reserve(16)).toBe(8);
    late.bytes.fill(9, 8, 24);
    late.commit(16);
    late.publish();
    expect(lateReader.peek()).toBe(16);
    expect(lateReader.offset).toBe(8);
    expect(drain(lateReader)).toEqual([Array(16).fill(9)]);
  });

  test("ring: the longest body fits an empty ring wherever it starts", () => {
    for (const capacityBytes of [64, 128, 1024]) {
      for (let startIndex = 0; startIndex < capacityBytes; startIndex += 8) {
        const { writer, reader } = ends(capacityBytes, startIndex);
        expect(writer.write(new Uint8Array(writer.maxBodyBytes).fill(5))).toBe(true);
        writer.publish();
        expect(drain(reader)).toEqual([Array(capacityBytes / 4).fill(5)]);
      }
    }
  });

  test("ring: a longer body is refused at the claim, with what would be taken", () => {
    const { writer } = ends(64);
    for (const bodyBytes of [17, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => writer.reserve(bodyBytes)).toThrow(
        expect.objectContaining({ code: "RING_RECORD_TOO_LARGE", details: { bodyBytes, maxBodyBytes: 16 } }),
      );
    }
  });

  test("ring: copies are exact for every length, whether the array is new, kept or not aligned", () => {
    const { writer, reader } = ends(4096);
    const scratch = new Uint8Array(512);
    const target = new Uint8Array(512);
    for (const from of [scratch, scratch.subarray(1), scratch.subarray(4)]) {
      for (let length = 0; length <= 300; length++) {
        for (let i = 0; i < length; i++) from[i] = (length * 7 + i * 31) & 0xff;
        expect(writer.write(from, length)).toBe(true);
        writer.publish();
        const to = target.subarray(0, from.byteOffset === 0 ? 512 : 500);
        for (const into of [target, to]) {
          into.fill(0xdb);
          expect(reader.peek()).toBe(length);
          expect(reader.copy(into)).toBe(length);
          expect(Buffer.compare(into.subarray(0, length), from.subarray(0, length))).toBe(0);
          expect(into[length]).toBe(0xdb);
        }
        reader.release();
        reader.publish();
      }
    }
  });

  test("ring: a copy keeps to its target and its source", () => {
    const { writer, reader } = ends(256);
    expect(() => writer.write(body(1, 2), 3)).toThrow(expect.objectContaining({ code: "BUG" }));
    writer.write(body(1, 2, 3));
    writer.publish();
    reader.peek();
    expect(() => reader.copy(new Uint8Array(2))).toThrow(expect.objectContaining({ code: "BUG" }));
  });
});

describe("ring: wake-ups", () => {
  test("ring: a writer is told to wake a reader only when that sleeps, once for a batch", () => {
    const { writer, reader } = ends(256);
    writer.write(body(1));
    expect(writer.publish()).toBe(false);
    expect(reader.prepareSleep()).toBe(false);
    drain(reader);
    expect(reader.prepareSleep()).toBe(true);
    expect(writer.publish()).toBe(false);
    writer.write(body(2));
    writer.write(body(3));
    expect(writer.publish()).toBe(true);
    expect(writer.publish()).toBe(false);
    reader.awake();
    writer.write(body(4));
    expect(writer.publish()).toBe(false);
    expect(reader.hasMore).toBe(true);
    expect(drain(reader)).toEqual([[2], [3], [4]]);
    expect(reader.hasMore).toBe(false);
  });

  test("ring: a refused sleep takes the asleep flag back", () => {
    const { writer, reader } = ends(256);
    writer.write(body(1));
    writer.publish();
    expect(reader.prepareSleep()).toBe(false);
    writer.write(body(2));
    expect(writer.publish()).toBe(false);
  });

  test("ring: a reader is told to wake a writer only when that waits and half is free", () => {
    const { writer, reader } = ends(128);
    expect(writer.waitForSpace(32)).toBe(false);
    expect(fill(writer, 8)).toBe(8);
    writer.publish();
    expect(writer.waitForSpace(8)).toBe(true);
    const wakes: boolean[] = [];
    for (let i = 0; i < 8; i++) {
      reader.peek();
      reader.release();
      wakes.push(reader.publish());
    }
    expect(wakes).toEqual([false, false, false, true, true, true, true, true]);
    expect(writer.write(body(1))).toBe(true);
    writer.publish();
    drain(reader);
    expect(reader.publish()).toBe(false);
  });

  test("ring: neither side may sleep on what it has not published", () => {
    const { writer, reader } = ends(64);
    writer.write(body(1));
    expect(() => writer.waitForSpace(8)).toThrow(expect.objectContaining({ code: "BUG" }));
    writer.publish();
    reader.peek();
    reader.release();
    expect(() => reader.prepareSleep()).toThrow(expect.objectContaining({ code: "BUG" }));
  });
});

describe("ring: closing", () => {
  test("ring: what was committed before the writer closed is read, then the ring has ended", () => {
    const { writer, reader } = ends(256);
    expect(reader.prepareSleep()).toBe(true);
    writer.write(body(1));
    expect(writer.close()).toBe(true);
    expect(reader.peerClosed).toBe(true);
    expect(reader.ended).toBe(false);
    expect(drain(reader)).toEqual([[1]]);
    expect(reader.ended).toBe(true);
    expect(reader.prepareSleep()).toBe(false);
    expect(() => writer.reserve(1)).toThrow(expect.objectContaining({ code: "RING_CLOSED" }));
  });

  test("ring: a reader that closes wakes a writer that waits", () => {
    const { writer, reader } = ends(64);
    fill(writer, 8);
    writer.publish();
    expect(writer.waitForSpace(8)).toBe(true);
    expect(reader.close()).toBe(true);
    expect(writer.peerClosed).toBe(true);
    expect(writer.waitForSpace(8)).toBe(false);
    expect(() => reader.peek()).toThrow(expect.objectContaining({ code: "RING_CLOSED" }));
  });

  test("ring: a reader that closes reads nothing more, not even what it knew of", () => {
    const { writer, reader } = ends(64);
    fill(writer, 8);
    writer.publish();
    expect(reader.peek()).toBe(8);
    reader.close();
    expect(() => reader.peek()).toThrow(expect.objectContaining({ code: "RING_CLOSED" }));
    expect(() => reader.release()).toThrow(expect.objectContaining({ code: "BUG" }));
  });

  test("ring: a writer that dies in the middle of a record has published nothing of it", () => {
    const { ring, writer, reader } = ends(256);
    writer.write(body(1));
    writer.publish();
    writer.bytes.fill(0xff, writer.reserve(20));
    writer.commit(20);
    expect(drain(reader)).toEqual([[1]]);
    const successor = new RingWriter(ring);
    successor.write(body(2));
    successor.publish();
    expect(drain(reader)).toEqual([[2]]);
  });

  test("ring: beats are seen by the other side", () => {
    const { writer, reader } = ends(64);
    writer.beat();
    reader.beat();
    reader.beat();
    expect(reader.peerBeat).toBe(1);
    expect(writer.peerBeat).toBe(2);
  });
});

describe("ring: memory", () => {
  test("ring: an attach to what is no ring names the word that is wrong", () => {
    const capacityBytes = 128;
    const memory = new SharedArrayBuffer(ringBytes(capacityBytes));
    const wrong = (what: string) =>
      expect.objectContaining({ code: "RING_INVALID", details: expect.objectContaining({ what }) });
    expect(() => attachRing(memory, { capacityBytes })).toThrow(wrong("magic"));
    const { header } = createRing(memory, { capacityBytes, generation: 3 });
    expect(attachRing(memory, { capacityBytes, generation: 3 }).generation).toBe(3);
    expect(() => attachRing(memory, { capacityBytes, generation: 2 })).toThrow(wrong("generation"));
    expect(() => attachRing(memory, { capacityBytes: 64 })).toThrow(wrong("capacity"));
    expect(() => attachRing(memory, { capacityBytes: 256 })).toThrow(wrong("bytes of memory, at least"));
    expect(() => attachRing(memory, { byteOffset: 4 })).toThrow(wrong("an offset that is a multiple of"));
    header[ringWord.version] = 9;
    expect(() => attachRing(memory, { capacityBytes })).toThrow(wrong("version"));
  });

  test("ring: a capacity that is no power of two in range is refused", () => {
    for (const capacityBytes of [0, 32, 63, 65, 96, 64.5, 2 ** 31, Number.NaN, -64]) {
      expect(() => ringBytes(capacityBytes)).toThrow(
        expect.objectContaining({ code: "RING_CAPACITY_INVALID" }),
      );
    }
  });

  test("ring: a ring that is there is not created anew over the heads of its users", () => {
    const { memory, writer, reader } = ends(64);
    writer.write(body(1));
    writer.publish();
    expect(() => createRing(memory, { capacityBytes: 64 })).toThrow(
      expect.objectContaining({ code: "RING_IN_USE" }),
    );
    expect(drain(reader)).toEqual([[1]]);
  });

  test("ring: indices in the header that cannot be true are refused by both sides", () => {
    for (const [word, value] of [
      ["tail", 4],
      ["tail", 72],
      ["head", 8],
      ["head", 3],
      ["tail", -8],
    ] as const) {
      const { ring } = ends(64);
      ring.header[ringWord[word]] = value;
      const corrupt = expect.objectContaining({ code: "RING_CORRUPT" });
      expect(() => new RingReader(ring)).toThrow(corrupt);
      expect(() => new RingWriter(ring)).toThrow(corrupt);
    }
  });

  test("ring: works over memory that is not shared between threads, as mapped files are", () => {
    const memory = new ArrayBuffer(ringBytes(64) + 64);
    const ring = createRing(memory, { capacityBytes: 64, byteOffset: 64 });
    const writer = new RingWriter(ring);
    writer.write(body(1));
    writer.publish();
    expect(drain(new RingReader(ring))).toEqual([[1]]);
    expect(new Uint8Array(memory, 0, 64).every((byte) => byte === 0)).toBe(true);
  });

  test("ring pair: what each end writes the other reads, and by default it takes the limit's size", () => {
    const memory = new SharedArrayBuffer(ringPairBytes());
    expect(memory.byteLength).toBe(2 * ringBytes(limits.ringCapacityBytes));
    createRingPair(memory, { generation: 5 });
    const a = attachRingPair(memory, "a", { generation: 5 });
    const b = attachRingPair(memory, "b");
    a.writer.write(body(1));
    a.writer.publish();
    b.writer.write(body(2));
    b.writer.publish();
    expect(drain(b.reader)).toEqual([[1]]);
    expect(drain(a.reader)).toEqual([[2]]);
    expect(a.writer.maxBodyBytes).toBe(limits.ringCapacityBytes / 4);
    expect(b.reader.generation).toBe(5);
  });
});
