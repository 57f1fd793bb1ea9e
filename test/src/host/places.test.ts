import { afterEach, describe, expect, test } from "vitest";
import type { Target, VmSpec } from "../../../src/index.ts";
import { heapCommons } from "../../../src/targets/heap-commons.ts";
import { Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

/** VMs that are there, and end as soon as anybody could look. */
function stillborn(): { readonly target: Target; readonly specs: VmSpec[] } {
  const specs: VmSpec[] = [];
  const target: Target = {
    name: "stillborn",
    commons: heapCommons,
    boot: (spec, events) => {
      specs.push(spec);
      setImmediate(() => events.ended("stillborn"));
      return { ring: () => {}, peerEnded: () => {}, kill: () => {} };
    },
  };
  return { target, specs };
}

describe("host: places", () => {
  test("host: a VM's place is free again when it has ended, and its number never", async () => {
    const { target, specs } = stillborn();
    const { host } = lab.host({ target });
    for (let n = 0; n < 20; n++) {
      await expect(lab.boot(host)).rejects.toMatchObject({ code: "VM_START_FAILED" });
    }
    expect(new Set(specs.map(({ place }) => place)).size).toBe(1);
    expect(specs.map(({ vm }) => vm)).toEqual(specs.map((_, n) => n + 1));
    expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
  });

  test("host: a target that cannot make a VM fails the boot, and its place is free again", async () => {
    let tries = 0;
    const target: Target = {
      name: "exhausted",
      commons: heapCommons,
      boot: () => {
        tries++;
        throw new Error("no threads left");
      },
    };
    const { host } = lab.host({ target });
    for (let n = 0; n < 1100; n++) await expect(lab.boot(host)).rejects.toThrow(/no threads left/);
    expect(tries).toBe(1100);
    expect(host.running).toEqual([]);
  });

  test("host: stops its VMs one after the other, the last booted first", async () => {
    const { host } = lab.host();
    const ended: string[] = [];
    for (const name of ["first", "second", "third"]) {
      const vm = await lab.boot(host, { name });
      void vm.ended.then(() => ended.push(name));
    }
    await host.stop();
    expect(ended).toEqual(["third", "second", "first"]);
  });
});
