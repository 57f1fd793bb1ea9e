import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asLine, fromLine, TextLines } from "../../../../src/targets/process/text-lines.ts";

/** What is heard of these pieces. */
function heard(pieces: readonly Uint8Array[]): readonly string[] {
  const lines: string[] = [];
  const splitter = new TextLines((line) => void lines.push(line));
  for (const piece of pieces) splitter.push(piece);
  splitter.end();
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("text-lines", () => {
  test("text-lines: lines are whole however they are cut on the way, in the midst of a letter too", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" }).filter((text) => text !== "" && !text.includes("\n"))),
        fc.array(fc.nat(400)),
        (texts, cuts) => {
          const all = bytes(texts.map((text) => `${text}\n`).join(""));
          const at = [0, ...cuts.filter((cut) => cut < all.length).sort((a, b) => a - b), all.length];
          expect(heard(at.slice(1).map((end, n) => all.subarray(at[n], end)))).toEqual(texts);
        },
      ),
    );
  });

  test("text-lines: the last one needs no end, and empty ones are nothing", () => {
    expect(heard([bytes("one\n\n\ntwo")])).toEqual(["one", "two"]);
    expect(heard([])).toEqual([]);
  });

  test("text-lines: one that does not end comes in pieces instead of filling the memory", () => {
    const piece = bytes("x".repeat(2 ** 16));
    const lines = heard(Array.from({ length: 100 }, () => piece));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(2 ** 20 + 2 ** 16);
    expect(lines.join("").length).toBe(100 * 2 ** 16);
  });

  test("text-lines: a value there and back; what is no JSON, or too long, is none", () => {
    const value = { a: [1, "two", null], detail: null };
    expect(fromLine(asLine(value) ?? "")).toEqual(value);
    expect(fromLine(asLine({ n: 2n, m: new Map([[1, 2]]), detail: undefined }) ?? "")).toEqual({
      n: "2",
      m: [[1, 2]],
      detail: null,
    });
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(asLine(ring)).toBeUndefined();
    expect(asLine("x".repeat(2 ** 21))).toBeUndefined();
    expect(fromLine("{")).toBeUndefined();
  });
});
