import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lines } from "../../../src/port/lines.ts";

interface Told {
  readonly text: string;
  readonly cut: boolean;
}

function told(chunks: readonly Buffer[], lengthMax: number): readonly Told[] {
  const all: Told[] = [];
  const lines = new Lines(lengthMax, (text, cut) => all.push({ text, cut }));
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  return all;
}

/** The bytes of a text, in pieces that end anywhere, within a character too. */
function pieces(text: string, cuts: readonly number[]): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe("lines", () => {
  test("one is without its end, of either kind, and the last one may have none", () => {
    const texts = told([Buffer.from("a\nb\r\n\nc")], 10).map(({ text }) => text);
    expect(texts).toEqual(["a", "b", "", "c"]);
  });

  test("one that is too long is cut, and each part but the last says so", () => {
    expect(told([Buffer.from("abcdefg\nhij\n")], 3)).toEqual([
      { text: "abc", cut: true },
      { text: "def", cut: true },
      { text: "g", cut: false },
      { text: "hij", cut: false },
    ]);
  });

  const character = fc.constantFrom("a", "ü", "\u{1F680}", "\n", " ");
  const anything = fc.record({
    text: fc.array(character, { maxLength: 60 }).map((all) => all.join("")),
    cuts: fc.array(fc.nat(), { maxLength: 6 }),
    lengthMax: fc.integer({ min: 2, max: 12 }),
  });

  test("in whatever pieces the bytes come, the lines are those of the whole text", () => {
    fc.assert(
      fc.property(anything, ({ text, cuts, lengthMax }) => {
        const all = told(pieces(text, cuts), lengthMax);
        const whole = all.map((line) => (line.cut ? line.text : `${line.text}\n`)).join("");
        expect(whole).toBe(text === "" || text.endsWith("\n") ? text : `${text}\n`);
        for (const line of all) {
          expect(line.text.length).toBeLessThanOrEqual(lengthMax);
          expect(line.text.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});
