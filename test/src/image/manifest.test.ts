import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMotesError } from "../../../kernel/index.ts";
import { parseManifest, type Manifest } from "../../../src/image/manifest.ts";

const manifest: Manifest = {
  name: "app",
  version: "1.2.3",
  entry: "main",
  entries: ["main", "shard"],
  devices: ["listen"],
  needs: { main: ["listen"] },
  keys: { port: { type: "number", value: 8080, default: 80, doc: "where" } },
  targets: ["isolate"],
  protocol: "p",
  modules: { "app.ts": 12 },
};

function refusal(text: string): string | undefined {
  try {
    parseManifest(text, "app.mote");
    return undefined;
  } catch (problem) {
    if (isMotesError(problem)) return problem.code;
    throw problem;
  }
}

describe("manifest: parse", () => {
  test("what was written is read, and what is unknown is left out", () => {
    expect(parseManifest(JSON.stringify({ ...manifest, more: 1 }), "app.mote")).toEqual(manifest);
  });

  test.each([
    ["no JSON", "{", "IMAGE_MANIFEST"],
    ["null", "null", "IMAGE_MANIFEST"],
    ["a list", "[]", "IMAGE_MANIFEST"],
    ["no name", JSON.stringify({ ...manifest, name: "" }), "IMAGE_MANIFEST"],
    ["an unknown device", JSON.stringify({ ...manifest, devices: ["moon"] }), "IMAGE_MANIFEST"],
    ["an entry that it lacks", JSON.stringify({ ...manifest, entry: "other" }), "IMAGE_MANIFEST"],
    [
      "a key without a value",
      JSON.stringify({ ...manifest, keys: { port: { type: "number" } } }),
      "KEY_MISSING",
    ],
    [
      "a key of another type",
      JSON.stringify({ ...manifest, keys: { port: { type: "number", value: "80" } } }),
      "KEY_INVALID",
    ],
    [
      "a type that is none",
      JSON.stringify({ ...manifest, keys: { port: { type: "date", value: 1 } } }),
      "IMAGE_MANIFEST",
    ],
  ])("%s is refused", (_what, text, code) => {
    expect(refusal(text)).toBe(code);
  });

  test("whatever the JSON is, it is read or refused with a code", () => {
    const field = fc.constantFrom(...Object.keys(manifest));
    fc.assert(
      fc.property(field, fc.jsonValue(), (name, value) => {
        const code = refusal(JSON.stringify({ ...manifest, [name]: value }));
        expect([undefined, "IMAGE_MANIFEST", "KEY_MISSING", "KEY_INVALID"]).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});
