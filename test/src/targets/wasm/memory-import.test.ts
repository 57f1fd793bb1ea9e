import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Instance, Memory, Module } from "./web-assembly.ts";
import { withMemoryOfAnySize } from "../../../../src/targets/wasm/memory-import.ts";

/** (module (import "m" "f" (func)) (import "m" "memory" (memory 2 3)) (import "m" "g" (global i32))) */
const small = Uint8Array.from(
  Buffer.from(
    "0061736d01000000010401600000021b03016d01660000016d066d656d6f727902010203016d0167037f00",
    "hex",
  ),
);
const imports = (memory: object): object => ({
  m: { f: () => {}, memory, g: 1 },
});

describe("a module's memory", () => {
  test("memory import: it may be shared and of any size, and was of one size before", () => {
    const before = new Module(small);
    const after = new Module(withMemoryOfAnySize(small));
    for (const [initial, maximum] of [
      [0, 1],
      [2, 3],
      [9, 65_536],
    ] as const) {
      const memory = new Memory({ initial, maximum, shared: true });
      expect(() => new Instance(before, imports(memory))).toThrow(/memory/);
      expect(() => new Instance(after, imports(memory))).not.toThrow();
    }
  });

  test("memory import: nothing else of QuickJS's module changes", () => {
    const path = createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm");
    const before = readFileSync(path);
    const after = withMemoryOfAnySize(before);
    expect(() => new Module(after)).not.toThrow();
    // The code is behind the imports.
    expect(Buffer.from(after).subarray(-400_000).equals(before.subarray(-400_000))).toBe(true);
    expect(Math.abs(after.length - before.length)).toBeLessThan(8);
  });

  test.each([
    ["imports nothing", "0061736d01000000"],
    ["imports no memory", "0061736d01000000010401600000020701016d01660000"],
  ])("memory import: a module that %s is refused", (what, hex) => {
    expect(() => withMemoryOfAnySize(Uint8Array.from(Buffer.from(hex, "hex")))).toThrow(what);
  });
});
