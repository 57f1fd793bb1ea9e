import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../../kernel/index.ts";
import { frame } from "../../../transports/wire/frame.ts";
import { OutQueue } from "../../../transports/wire/out-queue.ts";

const filled = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (seed + at) % 251);

const firstOf = (queue: OutQueue): Uint8Array | undefined =>
  queue.firstBytes < 0 ? undefined : queue.first.subarray(0, queue.firstBytes);

/** As `toEqual`, which looks at each byte by itself and takes seconds for some thousand records. */
function expectFirst(queue: OutQueue, record: Uint8Array | undefined): void {
  const first = firstOf(queue);
  if (first === undefined || record === undefined || Buffer.compare(first, record) !== 0)
    expect(first).toEqual(record);
}

/** The records that a frame becomes. */
function cut(bytes: Uint8Array, maxRecordBytes: number): Uint8Array[] {
  if (bytes.length <= maxRecordBytes) return [bytes];
  const records: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += maxRecordBytes - 1) {
    const part = bytes.subarray(from, from + maxRecordBytes - 1);
    const last = from + part.length === bytes.length;
    records.push(Uint8Array.of(last ? frame.lastFragment : frame.fragment, ...part));
  }
  return records;
}

describe("out queue", () => {
  test("out queue: any run of adds and shifts does what an array does", () => {
    const lengths = fc.oneof(fc.nat(40), fc.nat(3000), fc.constantFrom(1020, 4096, 16_380, 40_000, 70_000));
    const step = fc.oneof(
      fc.record({ add: lengths, max: fc.constantFrom(64, 4096, 65_536) }),
      fc.record({ shift: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new OutQueue();
        let model: Uint8Array[] = [];
        steps.forEach((given, seed) => {
          if ("add" in given) {
            const bytes = filled(given.add, seed);
            // The encoder's buffer is longer than the frame in it, and is used again.
            const buffer = filled(given.add + 9, seed);
            queue.add(buffer, given.add, given.max);
            buffer.fill(255);
            model.push(...cut(bytes, given.max));
          } else {
            for (let n = 0; n < given.shift; n++) {
              expectFirst(queue, model.shift());
              queue.shift();
            }
          }
          expectFirst(queue, model[0]);
          expect(queue.empty).toBe(model.length === 0);
          expect(queue.bytes).toBe(model.reduce((sum, { length }) => sum + 4 + length, 0));
        });
        while (!queue.empty) {
          expectFirst(queue, model.shift());
          queue.shift();
        }
        expect([model, queue.bytes]).toEqual([[], 0]);
        expect(queue.heldBytes).toBeLessThanOrEqual(16 * 1024);
      }),
    );
  });

  test.each([
    ["tiny ones", [7]],
    ["tiny and large ones in turn", [1, 30_000, 1, 20_000]],
    ["those of just more than half a chunk", [33_000]],
    ["the longest", [65_536]],
  ])("out queue: a queue full of records, %s, takes little more memory than it counts", (_what, lengths) => {
    const queue = new OutQueue();
    const bytes = filled(65_536, 1);
    for (let at = 0; queue.bytes < limits.linkQueueBytesMax / 4; at = (at + 1) % lengths.length)
      queue.add(bytes, lengths[at] ?? 0, 65_536);
    expect(queue.heldBytes).toBeLessThan(1.4 * queue.bytes);
  });

  test("out queue: what is cleared is gone, and it may be used again", () => {
    const queue = new OutQueue();
    queue.add(filled(5, 1), 5);
    queue.clear();
    expect([firstOf(queue), queue.empty, queue.bytes, queue.heldBytes]).toEqual([undefined, true, 0, 0]);
    queue.add(filled(6, 2), 6);
    expect(firstOf(queue)).toEqual(filled(6, 2));
  });
});
