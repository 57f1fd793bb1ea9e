import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { attachRingPair, createRingPair, ringPairBytes } from "../../../../transports/index.ts";
import { loadNative } from "../../../../src/targets/process/load-native.ts";
import { attachRegion, createRegion } from "../../../../src/targets/process/region.ts";

const { native, addonPath } = loadNative();
const folder = mkdtempSync("/dev/shm/test-motes-");
afterAll(() => rmSync(folder, { recursive: true }));

describe("region", () => {
  test("region: what one mapping writes the other reads, and it is for its user only", () => {
    const path = join(folder, "a");
    const one = createRegion(native, path, 4096);
    const two = attachRegion(native, path, 4096);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    Atomics.store(new Int32Array(one.buffer), 5, 77);
    expect(Atomics.add(new Int32Array(two.buffer), 5, 1)).toBe(77);
    expect(Atomics.load(new Int32Array(one.buffer), 5)).toBe(78);
    one.close();
    two.close();
  });

  test("region: it is not made twice, and one of another size or name is refused", () => {
    const path = join(folder, "b");
    createRegion(native, path, 4096).close();
    expect(() => createRegion(native, path, 4096)).toThrow(/EEXIST/);
    truncateSync(path, 8);
    expect(() => attachRegion(native, path, 4096)).toThrow(/has 8 bytes, and not 4096/);
    expect(() => attachRegion(native, join(folder, "nobody"), 4096)).toThrow(/ENOENT/);
  });

  test("region: closed, it is gone, and what still looks there sees zeros and nothing that is mapped later", () => {
    const stale: Int32Array[] = [];
    for (let n = 0; n < 300; n++) {
      const path = join(folder, `c${n}`);
      const mapping = createRegion(native, path, 65536);
      const words = new Int32Array(mapping.buffer);
      expect(Atomics.add(words, 0, 7)).toBe(0);
      mapping.close();
      mapping.close();
      stale.push(words);
      expect(stale.every((each) => Atomics.load(each, 0) === 0)).toBe(true);
      rmSync(path);
    }
    expect(readFileSync("/proc/self/maps", "utf8")).not.toContain(folder);
  });

  test("region: more than the file system holds is refused when it is made, and leaves nothing", () => {
    const path = join(folder, "huge");
    expect(() => createRegion(native, path, 2 ** 50)).toThrow(/ENOSPC|EFBIG/);
    expect(existsSync(path)).toBe(false);
  });

  test("region: a ring of two processes carries what is written", () => {
    const path = join(folder, "ring");
    const mapping = createRegion(native, path, ringPairBytes());
    createRingPair(mapping.buffer);
    const { writer, reader } = attachRingPair(mapping.buffer, "a");
    // The other process answers without our code: it finds the record by the ring's layout, and adds one to a word behind it.
    const child = `
      const addon = { exports: {} };
       process.dlopen(addon, ${JSON.stringify(addonPath)});
       const koffi = addon.exports;
      const lib = koffi.load(null);
      const fd = lib.func("int open(const char *p, int f, int m)")(${JSON.stringify(path)}, 2, 0);
      const bytes = ${ringPairBytes()};
      const at = lib.func("void *mmap(void *a, size_t n, int p, int f, int d, int64_t o)")(null, bytes, 3, 1, fd, 0);
      const all = new Uint8Array(koffi.view(at, bytes));
      const found = Buffer.from(all.buffer).indexOf("hello over there");
      console.log(found);
      all[found] = "H".charCodeAt(0);`;
    const text = new TextEncoder().encode("hello over there");
    expect(writer.write(text)).toBe(true);
    writer.publish();
    const found = Number(execFileSync(process.execPath, ["-e", child], { encoding: "utf8" }));
    expect(found).toBeGreaterThan(0);
    expect(String.fromCharCode(new Uint8Array(mapping.buffer)[found] ?? 0)).toBe("H");
    expect(reader.peek()).toBe(-1);
    mapping.close();
  });
});

describe("load-native", () => {
  const failing = Object.assign(
    () => {
      throw new Error("no prebuilt binary\nRequire stack: ...");
    },
    { resolve: () => "" },
  ) as unknown as NodeJS.Require;

  test("load-native: a machine without koffi, or without /dev/shm, is told what is missing", () => {
    expect(() => loadNative(failing)).toThrow(
      expect.objectContaining({
        code: "TARGET_UNAVAILABLE",
        message: expect.stringContaining("koffi cannot be loaded: no prebuilt binary. Install it") as string,
      }),
    );
    expect(() => loadNative(undefined, "/nowhere/shm")).toThrow(/there is no \/nowhere\/shm/);
  });
});
