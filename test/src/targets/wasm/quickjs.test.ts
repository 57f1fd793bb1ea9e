import { beforeAll, describe, expect, test } from "vitest";
import { compileQuickjs } from "../../../../src/targets/wasm/compile-quickjs.ts";
import { quickjsInstance, type Quickjs } from "../../../../src/targets/wasm/quickjs.ts";

const limitBytes = 2 * 1024 * 1024;
const fill = (what: string): string => `
  const held = [];
  let bytes = 0;
  try { for (;;) { held.push(${what}); bytes += 100_000; } } catch (problem) { held.length = 0; }
  bytes;`;

describe("quickjs", () => {
  let quickjs: Quickjs;
  beforeAll(async () => {
    quickjs = await quickjsInstance(await compileQuickjs());
  });

  test.each(["new ArrayBuffer(100_000)", "new Uint8Array(100_000)", "'x'.repeat(100_000) + held.length"])(
    "quickjs: a limit of bytes holds for large allocations too (%s)",
    (what) => {
      const runtime = quickjs.module.newRuntime();
      const context = runtime.newContext();
      runtime.setMemoryLimit(limitBytes);
      const before = quickjs.memory.buffer.byteLength;
      const got: unknown = context.dump(context.unwrapResult(context.evalCode(fill(what))));
      expect(got).toBeGreaterThan(limitBytes / 2);
      expect(got).toBeLessThan(limitBytes);
      expect(quickjs.memory.buffer.byteLength - before).toBeLessThan(2 * limitBytes);
      // Not disposed: what found no memory has left some behind, and QuickJS would abort.
    },
  );
});
