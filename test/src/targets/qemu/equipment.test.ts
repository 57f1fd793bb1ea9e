import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findEquipment, tscKhzOf } from "../../../../src/targets/qemu/equipment.ts";

test("equipment: what is missing is told, with what to do", () => {
  const empty = mkdtempSync(join(tmpdir(), "motes-path-"));
  try {
    expect(() => findEquipment({ path: empty })).toThrow(
      /target "qemu": there is no qemu-system-x86_64.*apt-get install qemu-system-x86/s,
    );
  } finally {
    rmSync(empty, { recursive: true });
  }
});

test("equipment: the counter's speed comes from what the kernel has measured", () => {
  expect(tscKhzOf("processor\t: 0\nbogomips\t: 5192.29\nflags : x\n")).toBe(2_596_145);
  expect(() => tscKhzOf("processor : 0\n")).toThrow(/bogomips/);
});
