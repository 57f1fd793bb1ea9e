import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { buildImage } from "../../../src/image/build.ts";
import { openContainer } from "../../../src/image/container.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));

describe("build: the file", () => {
  test("is the same bytes from the same program, wherever it lies", async () => {
    const folder = mkdtempSync(join(tmpdir(), "motes-build-"));
    try {
      for (const name of ["switch.ts", "switch.keys.ts", "heavy.ts"]) {
        cpSync(fixture(`image/${name.slice(0, -3)}`), join(folder, name));
      }
      const [here, again, there] = await Promise.all([
        buildImage(fixture("image/switch")),
        buildImage(fixture("image/switch")),
        buildImage(join(folder, "switch.ts")),
      ]);
      expect(again.bytes).toEqual(here.bytes);
      const open = async ({ bytes }: typeof here) => openContainer(bytes, "app.mote");
      const [ours, theirs] = [await open(here), await open(there)];
      expect(theirs.code).toBe(ours.code);
      expect(theirs.sourceMap).toBe(ours.sourceMap);
      // The version is that of the package around it.
      expect({ ...there.manifest, version: "" }).toEqual({ ...here.manifest, version: "" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("says what it holds, and weighs its modules", async () => {
    const { manifest } = await buildImage(fixture("image/switch"), { debug: true, word: "bye" });
    expect(manifest).toMatchObject({
      name: "switch",
      entry: "main",
      devices: ["listen"],
      keys: {
        debug: { type: "boolean", default: false, value: true, doc: "says more" },
        word: { type: "string", default: "hello", value: "bye" },
      },
    });
    const weighed = Object.keys(manifest.modules);
    expect(weighed).toContain("switch.ts");
    expect(weighed).toContain("motes:kernel/kernel.ts");
    const weights = Object.values(manifest.modules);
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
  });

  test("holds of motes what it uses: a tree without services has nothing of them", async () => {
    const servicesIn = async (name: string): Promise<number> => {
      const { manifest } = await buildImage(fixture(name));
      return Object.keys(manifest.modules).filter((path) => path.startsWith("motes:supervisors/service/"))
        .length;
    };
    expect(await servicesIn("orchard")).toBe(0);
    expect(await servicesIn("service")).toBeGreaterThan(10);
  });
});

describe("build: keys", () => {
  const codeWith = async (keys: Readonly<Record<string, string>>): Promise<string> => {
    const { bytes } = await buildImage(fixture("image/switch"), keys);
    return (await openContainer(bytes, "app.mote")).code;
  };

  test("code behind a false key is gone, with the modules that only it asked for", async () => {
    const without = await codeWith({});
    const whole = await codeWith({ debug: "true" });
    for (const mark of ["code behind a key", "node:https"]) {
      expect([without.includes(mark), whole.includes(mark)]).toEqual([false, true]);
    }
    expect(without).toContain('"hello"');
    expect(without.length).toBeLessThan(whole.length);
  });

  test.each([
    ["unknown", "image/switch", { colour: "red" }, "KEY_UNKNOWN"],
    ["of another type", "image/switch", { debug: "perhaps" }, "KEY_INVALID"],
    ["missing", "image/required", {}, "KEY_MISSING"],
    ["no number", "image/required", { port: "" }, "KEY_INVALID"],
    ["endless", "image/required", { port: "Infinity" }, "KEY_INVALID"],
    ["none at all, but exported", "bad/not-a-key", {}, "IMAGE_BROKEN"],
  ])("a key that is %s is refused", async (_what, name, keys, code) => {
    await expect(buildImage(fixture(name), keys)).rejects.toMatchObject({ code });
  });
});

describe("build: devices", () => {
  test("an import that no declared device covers is refused with its place", async () => {
    await expect(buildImage(fixture("image/sneaky"))).rejects.toMatchObject({
      code: "DEVICE_UNDECLARED",
      message: expect.stringMatching(
        /image\/sneaky\.ts:1: imports node:fs; declare it: .*"store"/,
      ) as unknown,
    });
  });

  test("a door of ours is an import like any other", async () => {
    await expect(buildImage(fixture("image/spawning"))).rejects.toMatchObject({
      code: "DEVICE_UNDECLARED",
      message: expect.stringMatching(
        /image\/spawning\.ts:2: imports motes\/port; declare it: .*"spawn"/,
      ) as unknown,
    });
  });

  test("a program that throws, or is none, is refused", async () => {
    await expect(buildImage(fixture("bad/throws"))).rejects.toMatchObject({ code: "IMAGE_THROWS" });
    await expect(buildImage(fixture("bad/not-a-unikernel"))).rejects.toMatchObject({
      code: "IMAGE_NOT_UNIKERNEL",
    });
  });
});
