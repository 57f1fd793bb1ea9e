import { afterEach, describe, expect, test } from "vitest";
import { WarmPools } from "../../../src/host/warm-pools.ts";
import { createHost, isolate, processTarget, wasm } from "../../../src/index.ts";
import type { Blank, Target } from "../../../src/targets/target.ts";
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

  test("warm pools: those that are being made leave room for VMs, too", async () => {
    const made: Blank[] = [];
    const never = new Promise<void>(() => {});
    const blank = (): Blank => {
      let end = (): void => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const close = async (): Promise<void> => end();
      const one = { ready: never, ended, load: () => {}, close };
      made.push(one);
      return one;
    };
    const targets = ["one", "other"].map((name): Target => ({ ...isolate, name, blank }));
    const held = (): number => pools.held;
    const pools = new WarmPools({ vms: 1, memoryMb: 50 }, targets, {
      commons: isolate.commons.bind(null, 1),
      mayAdd: (memoryMb) => (held() + 1) * memoryMb <= 120,
      warn: () => {},
    });
    const filled = pools.fill();
    expect([pools.count, pools.held]).toEqual([0, 1]);
    pools.makeRoom((memoryMb) => memoryMb <= 20);
    expect(pools.held).toBe(0);
    await made[0]?.ended;
    await pools.close();
    await filled;
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
