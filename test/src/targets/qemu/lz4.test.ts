import { expect, test } from "vitest";
import { isLz4, unpackLz4 } from "../../../../src/targets/qemu/lz4.ts";

const magic = [0x02, 0x21, 0x4c, 0x18];
const frame = (...blocks: readonly (readonly number[])[]): Buffer =>
  Buffer.from([
    ...magic,
    ...blocks.flatMap((block) => [block.length & 255, block.length >> 8, 0, 0, ...block]),
  ]);
const bytes = (text: string): number[] => [...Buffer.from(text)];

test("lz4: literals, matches that overlap what they make, and long lengths", () => {
  // "abc", then 9 bytes from 3 back, then "!".
  const block = [0x35, ...bytes("abc"), 3, 0, 0x10, ...bytes("!")];
  expect(unpackLz4(frame(block), 13)?.toString()).toBe("abcabcabcabc!");
  // 15 + 255 + 10 literals.
  const long = "x".repeat(280);
  expect(unpackLz4(frame([0xf0, 255, 10, ...bytes(long)]), 280)?.toString()).toBe(long);
  // One literal, and a match of 15 + 6 + 4.
  expect(unpackLz4(frame([0x1f, ...bytes("z"), 1, 0, 6, 0x10, ...bytes(".")]), 27)?.toString()).toBe(
    `${"z".repeat(26)}.`,
  );
});

test("lz4: blocks follow each other, and may refer to those before", () => {
  expect(unpackLz4(frame([0x40, ...bytes("abcd")], [0x40, ...bytes("efgh")]), 8)?.toString()).toBe(
    "abcdefgh",
  );
});

test("lz4: whatever is broken is said to be, and nothing outside is read or written", () => {
  const whole = frame([0x35, ...bytes("abc"), 3, 0, 0x10, ...bytes("!")]);
  expect(unpackLz4(whole.subarray(0, -1), 13)).toBeUndefined();
  expect(unpackLz4(whole, 12)).toBeUndefined();
  expect(unpackLz4(whole, 14)).toBeUndefined();
  expect(unpackLz4(frame([0x35, ...bytes("abc"), 4, 0]), 12)).toBeUndefined();
  expect(unpackLz4(frame([0x35, ...bytes("abc"), 0, 0]), 12)).toBeUndefined();
  expect(unpackLz4(frame([0xf0, 255, 255]), 600)).toBeUndefined();
});

test("lz4: it is known by its first four bytes", () => {
  expect(isLz4(frame())).toBe(true);
  expect(isLz4(Buffer.from([0x1f, 0x8b, 8, 0]))).toBe(false);
  expect(isLz4(Buffer.from([2]))).toBe(false);
});
