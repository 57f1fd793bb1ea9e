/** Limits of memory that are more than QuickJS can count. */
import { expect, test } from "vitest";
import { bundle, createHost, wasm, wasmInstance, wasmPacked } from "../../../../src/index.ts";
import { limitBytesOf } from "../../../../src/targets/wasm/limit-bytes.ts";
import type program from "../../fixtures/confined.ts";
import { Journal } from "../../journal.ts";
import { fixture } from "../../lab.ts";

test("limit bytes: as many as were asked for, up to what a signed word can count", () => {
  const most = 2 ** 31 - 1;
  expect([1, 1.5, 2047, 2048, 4096, 1e9].map(limitBytesOf)).toEqual([
    2 ** 20,
    1.5 * 2 ** 20,
    2047 * 2 ** 20,
    most,
    most,
    most,
  ]);
});

test.each([wasm, wasmPacked, wasmInstance])(
  "limit bytes: $name boots VMs that may have more memory than there can be",
  async (target) => {
    const host = createHost({ target, log: new Journal() });
    const image = await bundle<typeof program>(fixture("confined"));
    for (const memoryMb of [4096, 100_000]) {
      const { root } = await host.boot(image, { memoryMb });
      expect(await host.self.call(root, "ping")).toBe("pong");
    }
    await host.stop();
  },
);
