import { Blanks } from "./blanks.ts";
import { Cache } from "./cache.ts";
import { findEquipment } from "./equipment.ts";

/** Of VMs where nobody says otherwise, in MiB. */
const usualMemoryMb = 256;

/**
 * How hardware VMs are run here, in words. Tries out what has not been tried, and makes what the first boot would have to make.
 * Throws `TARGET_UNAVAILABLE` with what is missing.
 */
export async function qemuReport(): Promise<string> {
  const equipment = findEquipment();
  const blanks = new Blanks(equipment, new Cache(), true);
  const { why } = await blanks.accelerator();
  await blanks.options(usualMemoryMb);
  return `works here, with the kernel ${equipment.kernel}, ${why}`;
}
