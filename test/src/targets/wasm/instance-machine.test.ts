/** VMs with an instance of WebAssembly each: the contract in short (in full with `MOTES_REQUIRE=all`), and what copies of one memory must not share. */
import { availableParallelism } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { bundle, createHost, wasmInstance, type Host, type RunningVm } from "../../../../src/index.ts";
import { targetFaultContract } from "../../../contract/target-faults.ts";
import { targetSecurity } from "../../../contract/target-security.ts";
import { targetContract } from "../../../contract/target.ts";
import type copied from "../../fixtures/copied.ts";
import type { Copied } from "../../fixtures/copied.ts";
import type drawn from "../../fixtures/drawn.ts";
import { Journal } from "../../journal.ts";
import { fixture } from "../../lab.ts";
import { openImages } from "./open-images.ts";

if (process.env["MOTES_REQUIRE"] === "all") {
  targetContract(wasmInstance);
  targetFaultContract(wasmInstance, { lacks: ["rejectOutside"], burst: 200 });
  targetSecurity(wasmInstance);
} else {
  targetContract(wasmInstance, 50, /mixed sizes|outside the kernel|memory limit|leave nothing/);
  targetSecurity(wasmInstance, ["otherRings", "heap", "buffers", "actors"]);
}

describe("instances", () => {
  let host: Host;
  /** More than there are threads, so that at least two are copies of one memory. */
  const count = availableParallelism() + 1;
  const boots = async (memoryMb = 16): Promise<RunningVm<Copied>[]> => {
    host = createHost({ target: wasmInstance, log: new Journal() });
    const image = await bundle<typeof copied>(fixture("copied"));
    return Promise.all(Array.from({ length: count }, () => host.boot(image, { memoryMb })));
  };
  afterEach(() => host.stop());

  test("instances: copies draw different lots, know the time, and share nothing of their program", async () => {
    const vms = await boots();
    const draws = await Promise.all(vms.map(({ root }) => host.self.call(root, "random")));
    expect(new Set(draws).size).toBe(count);
    const fromMs = Date.now();
    for (const { root } of vms) {
      expect(await host.self.call(root, "timeOfDay")).toBeGreaterThanOrEqual(fromMs);
      expect(await host.self.call(root, "count")).toBe(1);
    }
  });

  test("instances: a program that asks for chance or the time while it is loaded is loaded in each VM", async () => {
    host = createHost({ target: wasmInstance, log: new Journal() });
    const image = await bundle<typeof drawn>(fixture("drawn"));
    const fromMs = Date.now();
    const roots = await Promise.all(
      Array.from({ length: count }, async () => (await host.boot(image, { memoryMb: 16 })).root),
    );
    const draws = await Promise.all(roots.map((root) => host.self.call(root, "drawn")));
    expect(new Set(draws).size).toBe(count);
    for (const root of roots) expect(await host.self.call(root, "loadedAtMs")).toBeGreaterThanOrEqual(fromMs);
  });

  test("instances: a memory grows up to its limit, and its neighbours' do not", async () => {
    const [one, ...others] = await boots(64);
    if (one === undefined) throw new Error("some were asked for");
    expect(await host.self.call(one.root, "fill", 40)).toBe(40 * 2 ** 20);
    expect(await host.self.callWithin(10_000, one.root, "nest", 200_000)).toMatch(/^parsed$|stack/);
    for (const { root } of others) expect(await host.self.call(root, "count")).toBe(1);
  });

  test("instances: a host that has stopped leaves no image of a memory open", async () => {
    await boots();
    expect(openImages()).toBeGreaterThan(0);
    await host.stop();
    await expect.poll(openImages).toBe(0);
  });
});
