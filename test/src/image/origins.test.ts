import { describe, expect, test, vi } from "vitest";
import { Origins } from "../../../src/image/origins.ts";

/** Line 1, column 1 of the bundle is line 3, column 5 of a.ts. */
const map = JSON.stringify({ version: 3, sources: ["a.ts"], names: [], mappings: "AAEI" });

describe("origins", () => {
  test("a place in the bundle is a place in a source file, both counted from 1", () => {
    expect(new Origins(map).of(1, 1)).toEqual({ source: "a.ts", line: 3, column: 5 });
  });

  test("what the map does not say is undefined", () => {
    const empty = JSON.stringify({ version: 3, sources: [], names: [], mappings: "" });
    expect(new Origins(empty).of(1, 1)).toBeUndefined();
  });

  test("the map is read at the first question, and once", () => {
    const parse = vi.spyOn(JSON, "parse");
    try {
      const origins = new Origins(map);
      expect(parse).not.toHaveBeenCalled();
      for (let question = 0; question < 3; question++) expect(origins.of(1, 1)?.line).toBe(3);
      expect(parse).toHaveBeenCalledTimes(1);
    } finally {
      parse.mockRestore();
    }
  });
});
