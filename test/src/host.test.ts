import { readdirSync } from "node:fs";
import { setTimeout as elapse } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createHost } from "../../src/host/host.ts";
import { bundle } from "../../src/image/bundle.ts";
import type program from "../contract/fixtures/program.ts";

const silent = { line: () => {} };
const image = await bundle<typeof program>(
  fileURLToPath(new URL("../contract/fixtures/program.ts", import.meta.url)),
);

describe("host", () => {
  test("stop ends all VMs, may be called twice, and no boot follows", async () => {
    const host = createHost({ log: silent });
    const vms = [await host.boot(image), await host.boot(image)];
    await Promise.all([host.stop(), host.stop()]);
    expect(await Promise.all(vms.map(({ ended }) => ended))).toEqual(["shutdown", "shutdown"]);
    await expect(host.boot(image)).rejects.toMatchObject({ code: "HOST_STOPPED" });
  });

  test("stop while a boot is under way leaves nothing", async () => {
    const host = createHost({ log: silent });
    const boot = host.boot(image).catch((error: unknown) => error);
    await host.stop();
    expect(await boot).toMatchObject({ code: "VM_START_FAILED" });
    expect(host.holds.vms).toBe(0);
  });

  test("two hosts in one process do not see each other", async () => {
    const [one, two] = [createHost({ log: silent }), createHost({ log: silent })];
    const [a, b] = [await one.boot(image), await two.boot(image)];
    expect(await one.self.call(a.root, "echo", 1)).toBe(1);
    await one.stop();
    expect(await two.self.call(b.root, "echo", 2)).toBe(2);
    await two.stop();
  });

  test("200 boots and kills leave no thread, no handle, no memory", async () => {
    const host = createHost({ log: silent });
    const round = async (): Promise<void> => {
      await Promise.all([host.boot(image), host.boot(image)].map(async (boot) => (await boot).kill()));
    };
    for (let i = 0; i < 10; i++) await round();
    const before = { threads: threads(), handles: handles(), bytes: process.memoryUsage().rss };
    for (let i = 0; i < 90; i++) await round();
    expect(threads()).toBeLessThanOrEqual(before.threads);
    expect(handles()).toBeLessThanOrEqual(before.handles);
    // 180 isolates of 8 MB each would be 1.4 GB.
    expect(process.memoryUsage().rss - before.bytes).toBeLessThan(200 * 1024 * 1024);
    expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
    await host.stop();
  }, 60_000);

  test("a sleeping host with three idle VMs uses next to no CPU", async () => {
    const host = createHost({ log: silent });
    await Promise.all([host.boot(image), host.boot(image), host.boot(image)]);
    // After the boots' own work: compilation, garbage.
    await elapse(500);
    // The quietest of some seconds: what other tests do to the caches of this machine is not the host's doing.
    const shares: number[] = [];
    for (let second = 0; second < 4; second++) {
      const before = process.cpuUsage();
      await elapse(1000);
      const { user, system } = process.cpuUsage(before);
      shares.push((user + system) / 1_000_000);
    }
    await host.stop();
    expect(Math.min(...shares)).toBeLessThan(0.01);
  });
});

const threads = (): number => readdirSync("/proc/self/task").length;
const handles = (): number => process.getActiveResourcesInfo().length;
