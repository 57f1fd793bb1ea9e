/**
 * The two sides' handshakes, one side cut in by the other before each of its looks at shared memory. Threads meet in these gaps
 * too seldom for a stress test to find a wrong order; here every gap is tried.
 */
import { afterEach, describe, expect, test, vi } from "vitest";
import { ringBytes } from "../../../transports/ring/layout.ts";
import { RingReader } from "../../../transports/ring/reader.ts";
import { createRing } from "../../../transports/ring/ring.ts";
import { RingWriter } from "../../../transports/ring/writer.ts";

interface Sides {
  readonly header: Int32Array;
  readonly writer: RingWriter;
  readonly reader: RingReader;
}

function sides(records: number): Sides {
  const ring = createRing(new SharedArrayBuffer(ringBytes(64)), { capacityBytes: 64 });
  const writer = new RingWriter(ring);
  for (let i = 0; i < records; i++) expect(writer.write(new Uint8Array(8))).toBe(true);
  writer.publish();
  return { header: ring.header, writer, reader: new RingReader(ring) };
}

/** Calls `before` ahead of each operation on shared memory, with its number. */
function onShared(before: (operation: number) => void): { readonly count: number } {
  const { load, store } = Atomics;
  const seen = { count: 0 };
  const step = () => {
    const operation = seen.count++;
    before(operation);
  };
  vi.spyOn(Atomics, "load").mockImplementation(((words: Int32Array, index: number) => {
    step();
    return load(words, index);
  }) as typeof Atomics.load);
  vi.spyOn(Atomics, "store").mockImplementation(((words: Int32Array, index: number, value: number) => {
    step();
    return store(words, index, value);
  }) as typeof Atomics.store);
  return seen;
}

/** Runs `outer` again and again on fresh sides, with `inner` cut in before its first, second, ... operation, and after the last. */
function everyGap<Outer, Inner>(
  records: number,
  outer: (sides: Sides) => Outer,
  inner: (sides: Sides) => Inner,
  holds: (outer: Outer, inner: Inner, sides: Sides) => void,
): void {
  for (let gap = 0; ; gap++) {
    const made = sides(records);
    let got: { readonly inner: Inner } | undefined;
    let busy = false;
    const operations = onShared((operation) => {
      if (busy || got !== undefined || operation !== gap) return;
      busy = true;
      got = { inner: inner(made) };
      busy = false;
    });
    const result = outer(made);
    const ended = operations.count <= gap;
    vi.restoreAllMocks();
    holds(result, got === undefined ? inner(made) : got.inner, made);
    if (!ended) continue;
    // It has gaps at all, or this tries nothing.
    expect(gap).toBeGreaterThan(0);
    return;
  }
}

/** Both ways round. */
function inEveryOrder<A, B>(
  records: number,
  a: (sides: Sides) => A,
  b: (sides: Sides) => B,
  holds: (a: A, b: B, sides: Sides) => void,
): void {
  everyGap(records, a, b, holds);
  everyGap(records, b, a, (fromB, fromA, made) => holds(fromA, fromB, made));
}

function readAll({ reader }: Sides): boolean {
  while (reader.peek() >= 0) reader.release();
  return reader.publish();
}

function writeOne({ writer }: Sides): boolean {
  writer.write(new Uint8Array(8));
  return writer.publish();
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("ring handshakes, in every gap", () => {
  test("ring: a reader that goes to sleep has the record, or the writer wakes it", () => {
    const sleep = ({ reader }: Sides) => reader.prepareSleep();
    inEveryOrder(0, sleep, writeOne, (sleeps, wakes, { reader }) => {
      expect(sleeps && !wakes).toBe(false);
      expect(reader.peek()).toBe(8);
    });
  });

  test("ring: a writer that waits for space has it, or the reader wakes it", () => {
    const wait = ({ writer }: Sides) => writer.waitForSpace(8);
    inEveryOrder(4, wait, readAll, (waits, wakes, { writer }) => {
      expect(waits && !wakes).toBe(false);
      expect(writer.reserve(8)).toBeGreaterThan(0);
    });
  });

  test("ring: a reader that goes to sleep sees the writer close, or is woken", () => {
    const sleep = ({ reader }: Sides) => reader.prepareSleep();
    const close = ({ writer }: Sides) => writer.close();
    inEveryOrder(0, sleep, close, (sleeps, wakes) => expect(sleeps && !wakes).toBe(false));
  });

  test("ring: a writer that waits for space sees the reader close, or is woken", () => {
    const wait = ({ writer }: Sides) => writer.waitForSpace(8);
    const close = ({ reader }: Sides) => reader.close();
    inEveryOrder(4, wait, close, (waits, wakes) => expect(waits && !wakes).toBe(false));
  });

  test("ring: it has ended only when nothing is left to read", () => {
    const end = ({ reader }: Sides) => reader.ended;
    const finish = (made: Sides) => {
      made.writer.write(new Uint8Array(8));
      return made.writer.close();
    };
    inEveryOrder(0, end, finish, (ended, _wakes, { reader }) => {
      expect(ended).toBe(false);
      expect(reader.peek()).toBe(8);
    });
  });

  test("ring: a reader sees whole batches or nothing", () => {
    const look = ({ reader }: Sides) => reader.peek();
    const writeTwo = (made: Sides) => {
      made.writer.write(new Uint8Array(8).fill(1));
      made.writer.write(new Uint8Array(3).fill(2));
      return made.writer.publish();
    };
    inEveryOrder(0, look, writeTwo, (seen) => expect([-1, 8]).toContain(seen));
  });

  test("ring: shared words are changed by sequentially consistent stores alone", () => {
    const made = sides(2);
    const { store } = Atomics;
    const mirror = made.header.slice();
    vi.spyOn(Atomics, "store").mockImplementation(((words: Int32Array, index: number, value: number) => {
      if (words === made.header) mirror[index] = value;
      return store(words, index, value);
    }) as typeof Atomics.store);
    made.writer.beat();
    made.reader.beat();
    writeOne(made);
    readAll(made);
    made.reader.prepareSleep();
    writeOne(made);
    made.reader.awake();
    while (made.writer.write(new Uint8Array(8)));
    made.writer.publish();
    made.writer.waitForSpace(16);
    readAll(made);
    made.writer.close();
    made.reader.close();
    expect(mirror).toEqual(made.header);
  });
});
