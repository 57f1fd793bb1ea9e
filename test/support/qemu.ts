/** Why hardware VMs cannot be tested here; and, where they can, all that is made at the first boot, before any test's time counts. */
import { beforeAll } from "vitest";
import { Blanks } from "../../src/targets/qemu/blanks.ts";
import { Cache } from "../../src/targets/qemu/cache.ts";
import { findEquipment } from "../../src/targets/qemu/equipment.ts";
import { leftToCi } from "./required.ts";

/** Undefined: they can. */
export const noQemu: string | undefined = (() => {
  try {
    findEquipment();
    return undefined;
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
})();

/** Emulation takes minutes of two cores. */
export const noQemuHere: string | undefined = leftToCi(noQemu, "minutes");

/** Templates of these sizes, in MiB, unless the tests are left out. */
export function prepareQemu(missing: string | undefined, ...sizesMb: readonly number[]): void {
  beforeAll(async () => {
    if (missing !== undefined) return;
    const blanks = new Blanks(findEquipment(), new Cache(), true);
    for (const sizeMb of sizesMb) await blanks.options(sizeMb);
  }, 180_000);
}
