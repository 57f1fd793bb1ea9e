import { limits, type Address, type Cell } from "../../../kernel/index.ts";
import type { Violated } from "./ledger.ts";

/**
 * A number names one incarnation: no VM's and no actor's is ever used again, and nothing reaches one that has ended. So no
 * message can be delivered to a later incarnation.
 */
export class Incarnations {
  private readonly violated: Violated;
  private readonly vms = new Set<number>();
  /** By VM, the serials that actors have had. Only the newest of each place is kept: they only grow. */
  private readonly newest = new Map<number, Map<number, number>>();

  constructor(violated: Violated) {
    this.violated = violated;
  }

  vm(number: number): void {
    if (this.vms.has(number))
      this.violated("one incarnation a number", `a second VM has the number ${number}`);
    this.vms.add(number);
    this.newest.set(number, new Map());
  }

  vmGone(number: number): void {
    this.newest.delete(number);
  }

  actor({ vm, serial }: Address): void {
    const serials = this.newest.get(vm);
    if (serials === undefined) return;
    const place = serial % placesMax;
    const newest = serials.get(place);
    if (newest !== undefined && newest >= serial)
      this.violated("one incarnation a number", `a second actor has the number <${vm}.${serial}>`);
    serials.set(place, serial);
  }

  receives({ ref, kernel }: Cell): void {
    if (ref.cell !== null && kernel.entry(ref.serial)?.ref === ref) return;
    this.violated(
      "no message to another incarnation",
      `${ref.toString()} has ended, and was given a message`,
    );
  }
}

const placesMax = limits.actorsMax;
