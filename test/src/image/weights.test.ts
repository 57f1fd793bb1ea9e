import { expect, test } from "vitest";
import { weights } from "../../../src/image/weights.ts";

test("weights: characters go to the source that the map names, and heaviest comes first", () => {
  // Columns 0-3 of line 1 are a's, the rest b's; all of line 2 is a's; line 3 is nobody's.
  const map = { version: 3, sources: ["a.ts", "b.ts"], mappings: "AAAA,GCAA;ADAA;" };
  expect(weights("aaabbbbbb\naaaa\nglue", JSON.stringify(map))).toEqual({ "a.ts": 7, "b.ts": 6 });
  expect(weights("", JSON.stringify({ version: 3, sources: [], mappings: "" }))).toEqual({});
});
