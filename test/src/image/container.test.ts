import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isMotesError } from "../../../kernel/index.ts";
import { openContainer, sealContainer, type Container } from "../../../src/image/container.ts";

const container: Container = {
  manifest: '{"name":"ä"}',
  code: "exports.x = '😀'",
  sourceMap: "\ufeff{}",
  portable: "1",
  portableMap: "{}",
};

/** The code of its refusal, or undefined. */
async function refusal(bytes: Uint8Array): Promise<string | undefined> {
  try {
    await openContainer(bytes, "app.mote");
    return undefined;
  } catch (problem) {
    if (isMotesError(problem)) return problem.code;
    throw problem;
  }
}

describe("container: seal and open", () => {
  test("what was sealed comes out, and the same bytes go in each time", async () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ manifest: texts, code: texts, sourceMap: texts, portable: texts, portableMap: texts }),
        async (parts) => {
          const bytes = await sealContainer(parts);
          expect(await openContainer(bytes, "app.mote")).toEqual(parts);
          expect(await sealContainer(parts)).toEqual(bytes);
        },
      ),
    );
  });

  test("it opens wherever it lies in memory", async () => {
    const bytes = await sealContainer(container);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(await openContainer(shifted, "app.mote")).toEqual(container);
  });
});

describe("container: hostile bytes", () => {
  test("a file that is cut off anywhere is foreign or truncated", async () => {
    const bytes = await sealContainer(container);
    for (let length = 0; length < bytes.length; length++) {
      expect(await refusal(bytes.subarray(0, length))).toBe(length < 8 ? "IMAGE_FOREIGN" : "IMAGE_TRUNCATED");
    }
  });

  test("one bit that differs, wherever it is, is refused", async () => {
    const bytes = await sealContainer(container);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const at = bit >> 3;
      const expected = at < 12 ? "IMAGE_FOREIGN" : at < 32 ? "IMAGE_TRUNCATED" : "IMAGE_DIGEST";
      expect(await refusal(changed), `bit ${bit}`).toBe(expected);
    }
  });

  test("whatever the bytes are, the answer is a code", async () => {
    const sealed = await sealContainer(container);
    const head = sealed.subarray(0, 12);
    const junk = fc.uint8Array({ maxLength: 400 });
    const behindHead = junk.map((bytes) => Uint8Array.from([...head, ...bytes]));
    await fc.assert(
      fc.asyncProperty(fc.oneof(junk, behindHead), async (bytes) => {
        expect(["IMAGE_FOREIGN", "IMAGE_TRUNCATED", "IMAGE_DIGEST", "IMAGE_MANIFEST"]).toContain(
          await refusal(bytes),
        );
      }),
      { numRuns: 500 },
    );
  });
});
