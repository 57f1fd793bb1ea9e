import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeRecord,
  encodeRecord,
  keyOf,
  noteCharsMax,
  recordBytesMax,
} from "../../../src/cluster/lease-record.ts";

test("lease record: what was written is read, whatever the note", () => {
  const record = { holder: "host-a#1", ttlMs: 1000 };
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", '"', "\\", "\n", "é", "\u2028", "\ud83d") }),
      fc.option(fc.integer({ min: 1 }), { nil: undefined }),
      (note, token) => {
        const given = { ...record, note, ...(token === undefined ? {} : { token }) };
        expect(decodeRecord(encodeRecord(given))).toEqual(given);
      },
    ),
  );
  const longest = encodeRecord({ ...record, note: "\u0000".repeat(noteCharsMax) });
  expect(Buffer.byteLength(longest)).toBeLessThan(recordBytesMax);
});

test("lease record: whatever else stands there is none", () => {
  const good = { v: 1, holder: "a", ttlMs: 1000, note: "" };
  expect(decodeRecord(JSON.stringify(good))).toBeDefined();
  for (const wrong of [
    { ...good, v: 2 },
    { ...good, holder: 1 },
    { ...good, ttlMs: 1 },
    { ...good, ttlMs: 1e12 },
    { ...good, ttlMs: "1000" },
    { ...good, note: undefined },
    { ...good, token: -1 },
    { ...good, token: 1.5 },
    null,
    [],
    "text",
  ])
    expect(decodeRecord(JSON.stringify(wrong))).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => void decodeRecord(text)));
});

test("lease record: a name that would be a pattern, or no key, is refused", () => {
  expect([keyOf("a"), keyOf("carts.eu-1/x=2")]).toEqual(["lease.a", "lease.carts.eu-1/x=2"]);
  for (const wrong of ["", "a b", "*", "a.>", ".a", "a.", "a..b", "ä", "x".repeat(201)])
    expect(() => keyOf(wrong)).toThrow(expect.objectContaining({ code: "LEASE_OPTION" }));
});
