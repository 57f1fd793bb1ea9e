import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { devices, type Device } from "../../../kernel/index.ts";
import { Grant } from "../../../src/host/grant.ts";

const code = (attempt: () => unknown): unknown => {
  try {
    attempt();
    return "granted";
  } catch (problem) {
    return (problem as { readonly code?: unknown }).code;
  }
};

describe("grant: devices", () => {
  test("grant: a VM is given what it declares, and passes on what it was granted", () => {
    const root = Grant.outer({ name: "root", declared: ["vms"], devices: ["vms", "store"] });
    expect(root.devices).toEqual(["vms"]);
    const child = root.pass({ name: "child", declared: ["store"] });
    expect([child.devices, child.granted]).toEqual([["store"], ["vms", "store"]]);
  });

  test("grant: what is not granted is refused by its name, also where it is only to be passed on", () => {
    const root = Grant.outer({ name: "root", declared: ["vms"], devices: ["vms", "store"] });
    expect(() => root.pass({ name: "child", declared: ["listen"] })).toThrow(
      /child needs listen, which was not granted/,
    );
    expect(code(() => root.pass({ name: "child", declared: [], devices: ["env"] }))).toBe(
      "DEVICE_NOT_GRANTED",
    );
    expect(code(() => root.pass({ name: "child", declared: ["store"], devices: [] }))).toBe(
      "DEVICE_NOT_GRANTED",
    );
    expect(code(() => Grant.outer({ name: "root", declared: ["env"], devices: [] }))).toBe(
      "DEVICE_NOT_GRANTED",
    );
  });

  test("grant: one without the device vms boots none", () => {
    const root = Grant.outer({ name: "root", declared: [], devices: ["vms"] });
    expect(() => root.pass({ name: "child", declared: [] })).toThrow(/root, which boots child, needs vms/);
  });

  test("grant: where nothing was said, everything goes", () => {
    const root = Grant.outer({ name: "root", declared: undefined });
    expect([root.devices, root.pass({ name: "child", declared: undefined }).devices]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("grant: whatever is passed on and on, nobody has what the first one had not", () => {
    const some = fc.subarray([...devices]);
    const wanted = fc.record({ declared: some, devices: fc.option(some, { nil: undefined }) });
    fc.assert(
      fc.property(some, fc.array(wanted), (granted, chain) => {
        let last = Grant.outer({ name: "root", declared: undefined, devices: granted });
        for (const next of chain) {
          try {
            last = last.pass({ name: "next", ...next });
          } catch {
            // It has another try with less.
          }
          const has = [...(last.devices ?? granted), ...(last.granted ?? granted)];
          expect(has.filter((device: Device) => !granted.includes(device))).toEqual([]);
        }
      }),
    );
  });
});

describe("grant: numbers", () => {
  test("grant: VMs of VMs count for all above them, until they are gone", () => {
    const root = Grant.outer({ name: "root", declared: undefined, vmsMax: 3 });
    const make = (booter: Grant, vmsMax?: number): Grant => {
      const made = booter.pass({ name: "child", declared: undefined, vmsMax });
      made.taken();
      return made;
    };
    const a = make(root, 1);
    const b = make(a);
    expect(code(() => make(a))).toBe("VMS_EXHAUSTED");
    // One that may have any number is held by those above it.
    expect(code(() => make(b))).toBe("VMS_EXHAUSTED");
    const c = make(root, Infinity);
    expect(() => make(c)).toThrow(/root and those that it boots may have 3 VMs at a time/);
    b.released();
    make(c);
    expect(code(() => make(root))).toBe("VMS_EXHAUSTED");
    expect([root.isAbove(b), a.isAbove(c), a.isAbove(a)]).toEqual([true, false, false]);
  });

  test("grant: the bound of one that is told elsewhere is the least of all above it", () => {
    const root = Grant.outer({ name: "root", declared: undefined, vmsMax: 3 });
    const child = root.pass({ name: "child", declared: undefined });
    expect([root.bound, child.bound]).toEqual([3, 3]);
    expect(child.pass({ name: "less", declared: undefined, vmsMax: 1 }).bound).toBe(1);
    expect(child.pass({ name: "more", declared: undefined, vmsMax: 9 }).bound).toBe(3);
    expect(Grant.outer({ name: "free", declared: undefined }).bound).toBe(Infinity);
  });
});
