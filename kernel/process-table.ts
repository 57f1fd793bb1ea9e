import type { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import { limits } from "./limits.ts";
import type { Slot } from "./slot.ts";

const placesMax = limits.actorsMax;

/** What has an address in this VM. */
export type Entry = Cell | Slot;

/**
 * Who lives in this VM, by serial. A serial is `generation * actorsMax + place`: places are used again, serials never, so
 * an old address does not reach the next tenant.
 */
export class ProcessTable {
  private readonly entries: (Entry | null)[] = [null];
  private readonly free: number[] = [];
  /** The last serial that each free place had. */
  private readonly lastSerials: number[] = [];
  size = 0;

  /** Throws `TOO_MANY_ACTORS`. */
  add(entry: Entry): number {
    const place = this.free.pop();
    let serial: number;
    if (place === undefined) {
      serial = this.entries.length;
      if (serial >= placesMax) throw kernelError("TOO_MANY_ACTORS", { actorsMax: placesMax });
      this.entries.push(entry);
    } else {
      serial = (this.lastSerials.pop() as number) + placesMax;
      this.entries[place] = entry;
    }
    this.size++;
    return serial;
  }

  get(serial: number): Entry | undefined {
    const entry = this.entries[serial % placesMax];
    return entry != null && entry.ref.serial === serial ? entry : undefined;
  }

  remove(serial: number): void {
    const place = serial % placesMax;
    this.entries[place] = null;
    this.free.push(place);
    this.lastSerials.push(serial);
    this.size--;
  }

  *[Symbol.iterator](): Generator<Entry, void, undefined> {
    for (const entry of this.entries) if (entry !== null) yield entry;
  }
}
