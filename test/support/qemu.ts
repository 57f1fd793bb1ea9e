/** Why hardware VMs cannot be tested here; and, where they can, all that is made at the first boot, before any test's time counts. */
import { beforeAll } from "vitest";
import { Blanks } from "../../src/targets/qemu/blanks.ts";
import { Cache } from "../../src/targets/qemu/cache.ts";
import { findEquipment } from "../../src/targets/qemu/equipment.ts";

/** Undefined: they can. */
export const noQemu: string | undefined = (() => {
  try {
    findEquipment();
    return undefined;
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
})();

/** What is left out here of a machine that could: emulation takes minutes of the suite's three on two cores. */
export const leftToCi: string | undefined =
  noQemu ?? (process.env["MOTES_REQUIRE"] === "all" ? undefined : "takes a minute, set MOTES_REQUIRE=all");

/** Templates of these sizes, in MiB. */
export function prepareQemu(...sizesMb: readonly number[]): void {
  beforeAll(async () => {
    if (leftToCi !== undefined) return;
    const blanks = new Blanks(findEquipment(), new Cache(), true);
    for (const sizeMb of sizesMb) await blanks.options(sizeMb);
  }, 180_000);
}
