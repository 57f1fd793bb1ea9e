import { afterEach, describe, expect, test } from "vitest";
import type { Host, RunningVm } from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import type { Boss } from "../fixtures/obedient.ts";
import { Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

async function two(host: Host): Promise<[RunningVm<Boss>, RunningVm<Boss>]> {
  const [a, b] = await lab.boots(host, 2);
  if (a === undefined || b === undefined) throw new Error("two were booted");
  return [a, b];
}

describe("vcpu: between two VMs", () => {
  test.each([0, 2])(
    "vcpu: no wake-up is lost in 25,000 messages with pauses at random (cores: %i)",
    async (cores) => {
      const { host } = lab.host({ cores });
      const [a, b] = await two(host);
      const atA = await host.self.call(a.root, "second");
      // One message is under way at a time, so nothing else would wake a VM that was not woken, but for the watchdog after 2.5 s.
      const { count, longestMs } = await host.self.callWithin(30_000, atA, "rallies", b.root, 12_500, 60);
      expect(count).toBe(12_500);
      expect(longestMs).toBeLessThan(2000);
    },
  );

  test("vcpu: its own timers and I/O go on while two VMs keep each other busy", async () => {
    const { host } = lab.host();
    const [a, b] = await two(host);
    // Two more rallies than there are answers to wait for: the rings are never idle.
    const sinks = await Promise.all([a, b].map(({ root }) => host.self.call(root, "sink")));
    const [atA, atB] = sinks;
    if (atA === undefined || atB === undefined) throw new Error("each has one");
    host.self.cast(a.root, "endless", atB, "a");
    host.self.cast(b.root, "endless", atA, "b");
    await eventually(
      () => host.self.call(atB, "tally"),
      ({ count }) => count > 1000,
    );
    const other = await host.self.call(a.root, "second");
    expect(await host.self.callWithin(20_000, other, "fetches", 10)).toBe(10);
    expect(await host.self.callWithin(20_000, other, "beats", 50, 2)).toBeLessThan(500);
    for (const durationMs of [1, 20, 100]) {
      const lateMs = await host.self.callWithin(20_000, other, "sleeps", durationMs);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(500);
    }
    const before = await host.self.call(atA, "tally");
    await eventually(
      () => host.self.call(atA, "tally"),
      ({ count, outOfOrder }) => outOfOrder === 0 && count > before.count + 1000,
    );
  });

  test("vcpu: timers are never early, and soon enough, in a VM that does nothing else", async () => {
    const { host } = lab.host();
    const { root: boss } = await lab.boot(host);
    const root = await host.self.call(boss, "second");
    for (const durationMs of [0, 1, 2.5, 10, 33]) {
      const lateMs = await host.self.call(root, "sleeps", durationMs);
      expect(lateMs, `${durationMs}`).toBeGreaterThanOrEqual(0);
      expect(lateMs, `${durationMs}`).toBeLessThan(200);
    }
  });

  test("vcpu: many async handlers make progress together, also while others keep the VM busy", async () => {
    const { host } = lab.host();
    const [a, b] = await two(host);
    const actors = await Promise.all(Array.from({ length: 50 }, () => host.self.call(a.root, "second")));
    const start = performance.now();
    const done = await Promise.all(
      actors.map((actor) => host.self.callWithin(20_000, actor, "rallies", b.root, 40, 0)),
    );
    expect(done.map(({ count }) => count)).toEqual(actors.map(() => 40));
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
