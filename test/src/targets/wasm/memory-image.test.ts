import koffi from "koffi";
import { describe, expect, test } from "vitest";
import { openImages } from "./open-images.ts";
import { Memory } from "./web-assembly.ts";
import { emptied, MemoryImage, pageCallsBy } from "../../../../src/targets/wasm/memory-image.ts";

const pageBytes = 64 * 1024;
const calls = pageCallsBy(koffi);
const memory = (pages: number): ArrayBufferLike =>
  new Memory({ initial: pages, maximum: 8, shared: true }).buffer;
const image = (...written: readonly (readonly [at: number, byte: number])[]): MemoryImage => {
  const from = memory(4);
  const bytes = new Uint8Array(from);
  for (const [at, byte] of written) bytes[at] = byte;
  return new MemoryImage(calls, from);
};

describe("memory images", () => {
  test("memory image: what was in one memory is in others, and what was in them is gone", () => {
    const taken = image([5, 1], [100_000, 2]);
    const to = memory(4);
    new Uint8Array(to).fill(9);
    taken.putInto(to);
    const seen = new Uint8Array(to).subarray(0, taken.bytes);
    expect([...seen.entries()].filter(([, byte]) => byte !== 0)).toEqual([
      [5, 1],
      [100_000, 2],
    ]);
    taken.close();
  });

  test("memory image: its bytes end with the last page that holds anything", () => {
    const taken = image([4096 * 7, 1]);
    expect(taken.bytes).toBe(4096 * 8);
    taken.close();
  });

  test("memory image: what one writes, no other one sees, nor whoever comes later", () => {
    const taken = image([5, 1]);
    const [one, two, later] = [memory(1), memory(1), memory(1)];
    taken.putInto(one);
    taken.putInto(two);
    new Uint8Array(one).fill(7, 0, taken.bytes);
    taken.putInto(later);
    for (const other of [two, later]) expect(new Uint8Array(other)[5]).toBe(1);
    expect(new Uint8Array(one)[5]).toBe(7);
    taken.close();
  });

  test("memory image: a memory goes on when its image is closed, and grows", () => {
    const taken = image([5, 1]);
    const grown = new Memory({ initial: 1, maximum: 8, shared: true });
    taken.putInto(grown.buffer);
    taken.close();
    grown.grow(3);
    const bytes = new Uint8Array(grown.buffer);
    expect([bytes.length, bytes[5], bytes[3 * pageBytes]]).toEqual([4 * pageBytes, 1, 0]);
  });

  test("memory image: one that was emptied holds zeros", () => {
    const held = memory(2);
    new Uint8Array(held).fill(3);
    emptied(calls, held);
    expect(new Uint8Array(held).every((byte) => byte === 0)).toBe(true);
  });

  test("memory image: a closed one leaves no file open", () => {
    const before = openImages();
    const taken = image([5, 1]);
    expect(openImages()).toBe(before + 1);
    taken.close();
    expect(openImages()).toBe(before);
  });
});
