/** The ring against a plain queue: random operations, rings so small that they are mostly full, empty or wrapping. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ringBytes } from "../../../transports/ring/layout.ts";
import { RingReader } from "../../../transports/ring/reader.ts";
import { createRing } from "../../../transports/ring/ring.ts";
import { RingWriter } from "../../../transports/ring/writer.ts";

type Step =
  | { readonly type: "write"; readonly length: number; readonly inPlace: boolean; readonly spare: number }
  | { readonly type: "publish" }
  | { readonly type: "read"; readonly count: number }
  | { readonly type: "giveBack" }
  | { readonly type: "sleep" }
  | { readonly type: "wait"; readonly length: number }
  | { readonly type: "replaceSides" };

/** What must hold, said without the ring's own words: where each record lies, who sees it, who was asked to be woken. */
class Model {
  readonly capacityBytes: number;
  /** Committed, and not yet read: their bodies. */
  readonly queue: number[][] = [];
  private visible = 0;
  private position: number;
  private usedBytes = 0;
  /** Sizes of records, with their padding, in order: not read, then read and not given back. */
  private readonly sizes: number[] = [];
  private readBytes = 0;
  readerAsleep = false;
  writerWaits = false;
  /** Committed and not published: how many, and what they take up. */
  private fresh = 0;
  private freshBytes = 0;

  constructor(capacityBytes: number, position: number) {
    this.capacityBytes = capacityBytes;
    this.position = position;
  }

  private sizeOf(length: number): number {
    const size = 8 + Math.ceil(length / 8) * 8;
    const untilEnd = this.capacityBytes - this.position;
    return size > untilEnd ? untilEnd + size : size;
  }

  fits(length: number): boolean {
    return this.usedBytes + this.sizeOf(length) <= this.capacityBytes;
  }

  get freeBytes(): number {
    return this.capacityBytes - this.usedBytes;
  }

  write(bytes: number[], claimed: number): void {
    const paddingOfClaim = this.sizeOf(claimed) - (8 + Math.ceil(claimed / 8) * 8);
    const size = paddingOfClaim + 8 + Math.ceil(bytes.length / 8) * 8;
    this.position = (this.position + size) % this.capacityBytes;
    this.usedBytes += size;
    this.sizes.push(size);
    this.queue.push(bytes);
    this.freshBytes += size;
    this.fresh++;
    this.writerWaits = false;
  }

  /** True if the reader must be woken. */
  publish(): boolean {
    const wakes = this.fresh > 0 && this.readerAsleep;
    this.visible += this.fresh;
    this.fresh = 0;
    this.freshBytes = 0;
    return wakes;
  }

  read(): number[] | undefined {
    if (this.visible === 0) return undefined;
    this.visible--;
    this.readBytes += this.sizes.shift() ?? 0;
    return this.queue.shift();
  }

  /** True if the writer must be woken. */
  giveBack(): boolean {
    const wakes = this.readBytes > 0 && this.writerWaits;
    this.usedBytes -= this.readBytes;
    this.readBytes = 0;
    return wakes && this.usedBytes - this.freshBytes <= this.capacityBytes / 2;
  }

  get readable(): boolean {
    return this.visible > 0;
  }
}

class Run {
  private readonly ring;
  private writer: RingWriter;
  private reader: RingReader;
  private readonly model: Model;
  private readonly target: Uint8Array;
  private count = 0;

  constructor(capacityBytes: number, startIndex: number) {
    const memory = new SharedArrayBuffer(ringBytes(capacityBytes));
    this.ring = createRing(memory, { capacityBytes, startIndex });
    this.writer = new RingWriter(this.ring);
    this.reader = new RingReader(this.ring);
    this.model = new Model(capacityBytes, (startIndex >>> 0) % capacityBytes);
    this.target = new Uint8Array(capacityBytes);
  }

  step(step: Step): void {
    if (step.type === "write") return this.write(step.length, step.inPlace, step.spare);
    if (step.type === "publish") return expect(this.writer.publish()).toBe(this.model.publish());
    if (step.type === "giveBack") return expect(this.reader.publish()).toBe(this.model.giveBack());
    if (step.type === "read") for (let i = 0; i < step.count; i++) this.read();
    if (step.type === "sleep") this.sleep();
    if (step.type === "wait") this.wait(step.length);
    if (step.type === "replaceSides") this.replaceSides();
  }

  /** At the end everything committed comes out, and the ring is as free as it was. */
  finish(): void {
    this.step({ type: "publish" });
    while (this.model.readable) this.read();
    this.read();
    this.step({ type: "giveBack" });
    expect(this.model.queue).toEqual([]);
    expect(this.writer.freeBytes).toBe(this.model.capacityBytes);
  }

  private write(wanted: number, inPlace: boolean, spare: number): void {
    const { model, writer } = this;
    const claimed = wanted % (writer.maxBodyBytes + 1);
    const length = inPlace ? Math.max(0, claimed - spare) : claimed;
    const bytes = Array.from({ length }, (_, i) => (this.count * 31 + i) & 0xff);
    const fits = model.fits(claimed);
    if (inPlace) {
      const offset = writer.reserve(claimed);
      expect(offset >= 0).toBe(fits);
      if (!fits) return;
      expect(offset % 8).toBe(0);
      writer.bytes.fill(0xee, offset, offset + claimed);
      writer.bytes.set(bytes, offset);
      writer.commit(length);
    } else {
      expect(writer.write(Uint8Array.from(bytes))).toBe(fits);
      if (!fits) return;
    }
    model.write(bytes, claimed);
    this.count++;
    expect(writer.freeBytes).toBe(model.freeBytes);
  }

  private read(): void {
    const { model, reader, target } = this;
    expect(reader.hasMore).toBe(model.readable);
    const expected = model.read();
    const length = reader.peek();
    expect(length).toBe(expected?.length ?? -1);
    if (expected === undefined) return;
    expect(reader.peek()).toBe(length);
    expect(reader.copy(target)).toBe(length);
    expect([...target.subarray(0, length)]).toEqual(expected);
    // Poisoned, so that reading it again, or reading beyond, shows.
    reader.bytes.fill(0xdb, reader.offset, reader.offset + length);
    reader.release();
  }

  private sleep(): void {
    this.step({ type: "giveBack" });
    const sleeps = this.reader.prepareSleep();
    expect(sleeps).toBe(!this.model.readable);
    this.model.readerAsleep = sleeps;
    // Half of the sleeps end at once, the others at the next one.
    if (this.count % 2 === 0) {
      this.reader.awake();
      this.model.readerAsleep = false;
    }
  }

  private wait(wanted: number): void {
    this.step({ type: "publish" });
    const length = wanted % (this.writer.maxBodyBytes + 1);
    const waits = this.writer.waitForSpace(length);
    expect(waits).toBe(!this.model.fits(length));
    this.model.writerWaits = waits;
  }

  /** New ends over the same memory go on where the old ones published. */
  private replaceSides(): void {
    this.step({ type: "publish" });
    this.step({ type: "giveBack" });
    this.writer = new RingWriter(this.ring);
    this.reader = new RingReader(this.ring);
  }
}

const lengths = fc.nat({ max: 2048 });
const write = fc.record({
  type: fc.constant("write" as const),
  length: lengths,
  inPlace: fc.boolean(),
  spare: fc.nat({ max: 20 }),
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: write },
  { weight: 3, arbitrary: fc.constant({ type: "publish" as const }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("read" as const), count: fc.nat({ max: 5 }) }) },
  { weight: 3, arbitrary: fc.constant({ type: "giveBack" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "sleep" as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("wait" as const), length: lengths }) },
  { weight: 1, arbitrary: fc.constant({ type: "replaceSides" as const }) },
);

const startIndices = fc
  .tuple(fc.constantFrom(0, 2 ** 31, 2 ** 32), fc.nat({ max: 64 }))
  .map(([wrap, records]) => (wrap - 8 * records) | 0);

describe("ring against a queue", () => {
  test("ring: random use is that of a queue, also where the indices wrap", () => {
    const capacities = fc.constantFrom(64, 128, 256, 1024);
    const program = fc.array(steps, { minLength: 1, maxLength: 200, size: "max" });
    fc.assert(
      fc.property(capacities, startIndices, program, (capacityBytes, startIndex, sequence) => {
        const run = new Run(capacityBytes, startIndex);
        for (const step of sequence) run.step(step);
        run.finish();
      }),
      { numRuns: 800 },
    );
  });

  test("ring: every length at every place of the smallest ring, one record at a time", () => {
    for (const wrap of [0, 2 ** 31, 2 ** 32]) {
      for (let place = 0; place < 64; place += 8) {
        for (let length = 0; length <= 16; length++) {
          const run = new Run(64, (wrap - 64 + place) | 0);
          for (let lap = 0; lap < 12; lap++) {
            run.step({ type: "write", length, inPlace: false, spare: 0 });
            run.step({ type: "publish" });
            run.step({ type: "read", count: 1 });
            run.step({ type: "giveBack" });
          }
          run.finish();
        }
      }
    }
  });
});
