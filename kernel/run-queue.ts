import type { Cell } from "./cell.ts";

/** The actors that have something to do, first come first served. Linked through the cells, so it allocates nothing. */
export class RunQueue {
  private first: Cell | null = null;
  private last: Cell | null = null;

  get empty(): boolean {
    return this.first === null;
  }

  push(cell: Cell): void {
    if (this.last === null) this.first = cell;
    else this.last.nextReady = cell;
    this.last = cell;
  }

  /** The one that has waited longest, or null. */
  shift(): Cell | null {
    const cell = this.first;
    if (cell === null) return null;
    const next = cell.nextReady;
    this.first = next;
    if (next === null) this.last = null;
    else cell.nextReady = null;
    return cell;
  }
}
