import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { withBlankMachine } from "./blank-machine.ts";
import { type Cache, digestOf, stampOf } from "./cache.ts";
import { commandLine, type MachineOptions } from "./command-line.ts";
import type { Equipment } from "./equipment.ts";
import { saveState } from "./snapshot.ts";

/** Boot and snapshot together. */
const timeoutMs = 60_000;

/**
 * Blank machines that were booted once and are kept: the memory of each in a file, and beside it the state of its devices. Others
 * go on from there, with a private copy of what they change. Made at the first use of a size, and kept on this machine.
 */
export class Templates {
  private readonly equipment: Equipment;
  private readonly cache: Cache;

  constructor(equipment: Equipment, cache: Cache) {
    this.equipment = equipment;
    this.cache = cache;
  }

  /** The same machine, but going on from a template. Rejects if none can be made here. */
  async clone(options: MachineOptions): Promise<MachineOptions> {
    const key = digestOf(stampOf(this.equipment.qemu), ...commandLine(options));
    const folder = await this.cache.get(`template-${options.heapMb}-${key}`, async (path) => {
      await mkdir(path, { mode: 0o700 });
      const backed: MachineOptions = { ...options, memory: { type: "file", path: join(path, "ram") } };
      await withBlankMachine(this.equipment, backed, timeoutMs, (machine) =>
        saveState(machine, join(path, "state")),
      );
    });
    return { ...options, memory: { type: "clone", path: join(folder, "ram"), state: join(folder, "state") } };
  }
}
