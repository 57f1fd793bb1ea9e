import { describe, expect, test } from "vitest";
import type { HeapWords } from "../../../../src/targets/wasm/heap-words.ts";
import { PackHeap, type Share } from "../../../../src/targets/wasm/pack-heap.ts";

const mb = 1024 * 1024;

/** A heap whose garbage goes when it is asked to collect. */
class FakeHeap {
  sizeBytes = mb;
  thresholdBytes = 0;
  garbageBytes = 0;
  collections = 0;
  readonly heap: PackHeap;

  constructor() {
    // Sound: as much of it as a heap uses.
    this.heap = new PackHeap(Object.assign(this, { bePatient: () => {} }) as unknown as HeapWords, () => {
      this.collections++;
      this.sizeBytes -= this.garbageBytes;
      this.garbageBytes = 0;
    });
  }

  turn(share: Share, addedBytes: number, garbageBytes = 0): void {
    this.heap.begin(share);
    this.sizeBytes += addedBytes + garbageBytes;
    this.garbageBytes += garbageBytes;
    this.heap.end(share);
  }
}

describe("pack-heap", () => {
  test("pack-heap: a VM has room for what it does not hold yet, whatever the others hold", () => {
    const fake = new FakeHeap();
    const [a, b] = [fake.heap.join(8 * mb), fake.heap.join(4 * mb)];
    fake.turn(a, 2 * mb);
    fake.turn(b, mb);
    fake.turn(a, -mb);
    expect([a.heldBytes, b.heldBytes]).toEqual([mb, mb]);
    expect(fake.heap.begin(a) - fake.sizeBytes).toBe(7 * mb);
    expect(fake.heap.begin(b) - fake.sizeBytes).toBe(3 * mb);
  });

  test("pack-heap: cycles are looked for as the heap grows, and between turns", () => {
    const fake = new FakeHeap();
    const a = fake.heap.join(1000 * mb);
    const first = fake.collections;
    for (let n = 0; n < 100; n++) fake.turn(a, mb);
    expect(fake.collections - first).toBeGreaterThan(3);
    expect(fake.collections - first).toBeLessThan(12);
  });

  test("pack-heap: one that leaves only garbage behind is not taken for one that holds it", () => {
    const fake = new FakeHeap();
    const [a, b] = [fake.heap.join(8 * mb), fake.heap.join(8 * mb)];
    fake.turn(b, mb);
    for (let n = 0; n < 100; n++) fake.turn(a, 0, mb);
    expect(a.heldBytes).toBeLessThan(6 * mb);
    expect(b.heldBytes).toBeLessThanOrEqual(mb);
  });

  test("pack-heap: what all hold comes to what is there", () => {
    const fake = new FakeHeap();
    const shares = [0, 1, 2].map(() => fake.heap.join(16 * mb));
    for (let n = 0; n < 60; n++) for (const share of shares) fake.turn(share, mb / 8, mb / 4);
    const held = shares.reduce((sum, { heldBytes }) => sum + heldBytes, 0);
    expect(Math.abs(held - (fake.sizeBytes - mb))).toBeLessThan(mb);
  });
});
