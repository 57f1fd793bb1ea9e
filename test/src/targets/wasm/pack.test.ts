/** What is special about VMs that share a QuickJS runtime: what one does to what they share. */
import { availableParallelism } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { bundle, createHost, wasmPacked, type Host, type RunningVm } from "../../../../src/index.ts";
import type program from "../../fixtures/tamper.ts";
import type { Tamperer } from "../../fixtures/tamper.ts";
import { Journal } from "../../journal.ts";
import { fixture } from "../../lab.ts";

describe("packed VMs", () => {
  let host: Host;
  let journal: Journal;
  /** More than there are threads, so that at least two share a runtime. */
  const boots = async (watchdogMs = 5000, memoryMb = 64): Promise<RunningVm<Tamperer>[]> => {
    journal = new Journal();
    host = createHost({ target: wasmPacked, log: journal });
    const image = await bundle<typeof program>(fixture("tamper"));
    const count = 2 * availableParallelism();
    return Promise.all(Array.from({ length: count }, () => host.boot(image, { watchdogMs, memoryMb })));
  };
  afterEach(() => host.stop());

  test("pack: what one leaves on all that it can reach, no other one finds", async () => {
    const vms = await boots();
    for (const { root, vm } of vms)
      expect(await host.self.call(root, "leave", `VM ${vm}`)).toBeGreaterThan(100);
    for (const { root, vm } of vms) expect(await host.self.call(root, "look", `VM ${vm}`)).toEqual([]);
  });

  test("pack: a program may still give its own objects what frozen prototypes have", async () => {
    const [first] = await boots();
    if (first === undefined) throw new Error("some were asked for");
    expect(await host.self.call(first.root, "assigns")).toEqual(["Named: it", "old", "true", "own"]);
  });

  test.each(["buffers", "objects", "cycles"] as const)(
    "pack: one that fills its memory with %s is killed at its limit, and no other one",
    async (what) => {
      const vms = await boots(Infinity, 2);
      const [first, ...others] = vms;
      if (first === undefined) throw new Error("some were asked for");
      void host.self.call(first.root, "fill", what).catch(() => undefined);
      expect(await first.ended).toBe("killed");
      for (const { root } of others) expect(await host.self.call(root, "ping")).toBe("pong");
    },
  );

  test("pack: one that leaves cycles behind, more than its limit in all, lives, and so do the others", async () => {
    const vms = await boots(Infinity, 2);
    const [first, ...others] = vms;
    if (first === undefined) throw new Error("some were asked for");
    for (let n = 0; n < 60; n++) await host.self.call(first.root, "litter", 100);
    for (const { root } of [first, ...others]) expect(await host.self.call(root, "ping")).toBe("pong");
  });

  test.each([
    ["loops", "for (;;);", 1000, "VM_BOOT_TIMEOUT", []],
    [
      "allocates",
      "const held = []; for (;;) held.push({});",
      Infinity,
      "VM_START_FAILED",
      [expect.stringMatching(/^out of memory/)],
    ],
  ] as const)(
    "pack: an image that %s before there is a VM of it does not get far, and no other VM ends",
    async (_does, code, bootTimeoutMs, error, told) => {
      const vms = await boots();
      const image = await bundle<typeof program>(fixture("tamper"));
      const forged = { ...image, portable: { code, sourceMap: "{}" } };
      const options = { name: "forged", bootTimeoutMs };
      await expect(host.boot(forged, options)).rejects.toMatchObject({ code: error });
      expect(journal.of("forged")).toEqual(told);
      for (const { root } of vms) expect(await host.self.call(root, "ping")).toBe("pong");
    },
  );

  test("pack: promises without end are the end of one VM only, and nothing of it goes on", async () => {
    const vms = await boots(300);
    const [first, ...others] = vms;
    if (first === undefined) throw new Error("some were asked for");
    void host.self.call(first.root, "leavePromises").catch(() => undefined);
    expect(await first.ended).toMatchObject({ code: "VM_WEDGED" });
    for (const { root } of others) expect(await host.self.call(root, "ping")).toBe("pong");
    for (const { root } of others) expect(await host.self.call(root, "ping")).toBe("pong");
  });
});
