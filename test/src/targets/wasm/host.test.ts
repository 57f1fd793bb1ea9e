/** What is special about VMs in WebAssembly, beside what every target does: what they are denied, and how they share a thread. */
import { availableParallelism } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import {
  bundle,
  createHost,
  wasm,
  wasmInstance,
  wasmPacked,
  type Host,
  type RunningVm,
} from "../../../../src/index.ts";
import type program from "../../fixtures/confined.ts";
import type { Prisoner } from "../../fixtures/confined.ts";
import { Journal } from "../../journal.ts";
import { fixture } from "../../lab.ts";

describe("wasm", () => {
  let host: Host;
  const boots = async (count: number, watchdogMs = 5000): Promise<RunningVm<Prisoner>[]> => {
    host = createHost({ target: wasm, log: new Journal() });
    const image = await bundle<typeof program>(fixture("confined"));
    return Promise.all(Array.from({ length: count }, () => host.boot(image, { watchdogMs })));
  };
  const first = async (): Promise<RunningVm<Prisoner>> => {
    const [vm] = await boots(1);
    if (vm === undefined) throw new Error("one was asked for");
    return vm;
  };
  afterEach(() => host.stop());

  test("a program finds nothing of the machine: no modules, no environment, no way out", async () => {
    const { root } = await first();
    const names = ["require", "module", "fetch", "WebSocket", "WebAssembly", "Worker", "Deno", "std", "os"];
    expect(await host.self.call(root, "finds", names)).toEqual([]);
    expect(await host.self.call(root, "environment")).toEqual([]);
    // Nor what its own half was started with.
    const own = ["motesOutside", "motesSetup", "motesLoop"];
    expect(await host.self.call(root, "finds", own)).toEqual([]);
  });

  test("what is imported of Node throws when it is used, and says so", async () => {
    const { root, ended } = await first();
    await expect(host.self.call(root, "listen")).rejects.toThrow();
    expect(await ended).toMatchObject({
      message: "node:net.createServer: a VM in WebAssembly has nothing of Node",
    });
  });

  test("recursion without end is an error in the program: the VM lives, and its neighbours outlive it", async () => {
    const vms = await boots(6);
    const [deep, ...others] = vms;
    if (deep === undefined) throw new Error("six were asked for");
    expect(await host.self.call(deep.root, "recurse")).toMatch(/stack/);
    expect(await host.self.call(deep.root, "ping")).toBe("pong");
    expect(await deep.stop()).toBe("shutdown");
    for (const { root } of others) expect(await host.self.call(root, "ping")).toBe("pong");
  });

  test("strings of all kinds go by the worker's code and the portable loops alike", async () => {
    const { root } = await first();
    for (const text of ["é".repeat(300), "a\0b".repeat(200), "\u{1F680}".repeat(300), "\ud800".repeat(300)])
      expect(await host.self.call(root, "texts", text)).toBe(text + text);
  });

  test("while one VM keeps the thread, its neighbours are not taken for wedged", async () => {
    const vms = await boots(12, 1000);
    const [busy, ...others] = vms;
    if (busy === undefined) throw new Error("twelve were asked for");
    host.self.cast(busy.root, "spin");
    expect(await busy.ended).toMatchObject({ code: "VM_WEDGED" });
    for (const { root } of others) expect(await host.self.call(root, "ping")).toBe("pong");
    expect(host.running.length).toBe(11);
  });
});

describe.each([wasmPacked, ...(process.env["MOTES_REQUIRE"] === "all" ? [wasm, wasmInstance] : [])])(
  "$name",
  (target) => {
    let host: Host;
    afterEach(() => host.stop());

    test.each(["search", "swallow"] as const)(
      "a VM that does not let go of its thread (%s) ends with it, and so do those that share it, and no others",
      async (how) => {
        host = createHost({ target, log: new Journal() });
        const image = await bundle<typeof program>(fixture("confined"));
        const boot = (watchdogMs?: number): Promise<RunningVm<Prisoner>> =>
          host.boot(image, watchdogMs === undefined ? {} : { watchdogMs });
        const stuck = await boot(200);
        const others: RunningVm<Prisoner>[] = [];
        // One after the other, so that it is known which one shares its thread.
        for (let n = 1; n < availableParallelism(); n++) others.push(await boot());
        const sharing = await boot();
        host.self.cast(stuck.root, how);
        expect(await stuck.ended).toMatchObject({ code: "VM_WEDGED" });
        expect(await sharing.ended).toMatchObject({ name: "Worker" });
        for (const { root } of [...others, await boot()])
          expect(await host.self.call(root, "ping")).toBe("pong");
      },
    );
  },
);
