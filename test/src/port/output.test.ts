import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Output, type Piece } from "../../../src/port/output.ts";

function open(output: "lines" | "raw", window: number) {
  const pieces: Piece[] = [];
  const seen: string[] = [];
  const options = { output, window, lineLengthMax: 100 };
  const made = new Output(options, {
    tell: (piece) => void pieces.push(piece),
    seen: (stream, text) => void seen.push(`${stream} ${text}`),
  });
  return { output: made, pieces, seen };
}

describe("output", () => {
  test("as bytes it is what came, and its lines are seen all the same", () => {
    const { output, pieces, seen } = open("raw", 1);
    expect(output.push("stderr", Buffer.from("a\nb"))).toBe(false);
    expect(output.push("stderr", Buffer.from("c"))).toBe(true);
    expect(pieces).toEqual([
      { type: "bytes", stream: "stderr", bytes: Uint8Array.from(Buffer.from("a\nb")) },
    ]);
    output.end();
    expect(pieces).toHaveLength(2);
    expect(seen).toEqual(["stderr a", "stderr bc"]);
  });

  type Step = { readonly lines: number } | { readonly credit: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ lines: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ credit: fc.integer({ min: 1, max: 9 }) }),
  );

  test("no more is told than there is credit for, all of it in order, and it says when to stop reading", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 40 }), (window, steps) => {
        const { output, pieces } = open("lines", window);
        let [made, credit] = [0, window];
        for (const each of steps) {
          if ("lines" in each) {
            const texts = Array.from({ length: each.lines }, () => `${made++}\n`);
            expect(output.push("stdout", Buffer.from(texts.join("")))).toBe(made > credit);
          } else {
            credit += each.credit;
            expect(output.more(each.credit)).toBe(made <= credit);
          }
          expect(pieces).toHaveLength(Math.min(made, credit));
        }
        output.end();
        const texts = pieces.map((piece) => (piece.type === "line" ? piece.text : ""));
        expect(texts).toEqual(Array.from({ length: made }, (_, index) => String(index)));
      }),
    );
  });
});
