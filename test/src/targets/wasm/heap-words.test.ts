import { describe, expect, test } from "vitest";
import { compileQuickjs } from "../../../../src/targets/wasm/compile-quickjs.ts";
import { HeapWords } from "../../../../src/targets/wasm/heap-words.ts";
import { addressOf, quickjsInstance } from "../../../../src/targets/wasm/quickjs.ts";

describe("heap-words", () => {
  test("heap-words: the size follows what is held, and cycles go when they are looked for", async () => {
    const quickjs = await quickjsInstance(await compileQuickjs());
    const runtime = quickjs.module.newRuntime();
    const words = new HeapWords(quickjs.memory, addressOf(runtime), (bytes) => runtime.setMemoryLimit(bytes));
    const context = runtime.newContext();
    const run = (code: string): void => context.unwrapResult(context.evalCode(code)).dispose();
    words.thresholdBytes = 2 ** 32 - 1;
    const empty = words.sizeBytes;
    run("globalThis.held = new Uint8Array(1_000_000)");
    expect(words.sizeBytes - empty).toBeGreaterThan(1_000_000);
    run("delete globalThis.held");
    expect(words.sizeBytes - empty).toBeLessThan(100_000);
    run(
      "for (let n = 0; n < 10; n++) { const ring = { bytes: new Uint8Array(100_000) }; ring.self = ring; }",
    );
    expect(words.sizeBytes - empty).toBeGreaterThan(1_000_000);
    words.thresholdBytes = 0;
    run("({})");
    expect(words.sizeBytes - empty).toBeLessThan(100_000);
    context.dispose();
    runtime.dispose();
  });
});
