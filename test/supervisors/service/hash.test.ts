import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import xxhash, { type XXHashAPI } from "xxhash-wasm";
import { xxh32 } from "../../../supervisors/service/hash.ts";

let known: XXHashAPI;
beforeAll(async () => {
  known = await xxhash();
});

const text = fc.string({ unit: "binary", maxLength: 70 });

describe("hash", () => {
  test("hash: a text without a character, by the specification", () => {
    expect(xxh32("")).toBe(0x02cc5d05);
  });

  test("hash: of any text and seed it is what xxHash makes of its UTF-16 code units", () => {
    fc.assert(
      fc.property(text, fc.nat(2 ** 31), (given, seed) => {
        expect(xxh32(given, seed)).toBe(known.h32Raw(Buffer.from(given, "utf16le"), seed));
      }),
    );
  });
});
