import { afterEach, describe, expect, test } from "vitest";
import { createHost, isolate, processTarget, wasm } from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import { Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

describe("warm pools", () => {
  test("warm pools: one for each target that was named, and each boot takes from its own", async () => {
    const { host } = lab.host({ warm: { vms: 1, env: true, targets: ["isolate", "process"] } });
    const full = (): Promise<number> =>
      eventually(
        () => host.blanks,
        (count) => count === 2,
      );
    await full();
    for (const target of ["isolate", "process", "wasm-packed"]) {
      const { root } = await lab.boot(host, { target });
      expect(host.blanks).toBe(target === "wasm-packed" ? 2 : 1);
      expect(await host.self.call(root, "ping")).toBe("pong");
      await full();
    }
  });

  test("warm pools: together they leave room for VMs", async () => {
    const warm = { vms: 1, env: true, memoryMb: 50, targets: ["isolate", "process"] };
    const { host } = lab.host({ warm, memoryMbMax: 120 });
    await eventually(
      () => host.blanks,
      (count) => count === 2,
    );
    const vm = await lab.boot(host, { memoryMb: 60 });
    expect(host.blanks).toBe(1);
    await vm.kill();
  });

  test("warm pools: of targets without blanks there are none, which is told, and unknown ones are refused", async () => {
    const { host, journal } = lab.host({ warm: { vms: 1 }, target: wasm });
    expect(journal.matching(/the target "wasm" has no blanks/)).toHaveLength(1);
    expect(host.blanks).toBe(0);
    const unknown = expect.objectContaining({ code: "UNKNOWN_TARGET" }) as Error;
    expect(() => createHost({ warm: { vms: 1, targets: ["steam"] } })).toThrow(unknown);
    // One that it may not be is none of its targets.
    const stronger = { target: processTarget, warm: { vms: 1, targets: [isolate.name] } };
    expect(() => createHost(stronger)).toThrow(unknown);
  });
});
