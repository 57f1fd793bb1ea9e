import { limits, type Address, type Cell } from "../../../kernel/index.ts";
import type { Violated } from "./ledger.ts";

/**
 * A number names one incarnation: no VM's and no actor's is ever used again in the life of its host, and nothing reaches one that
 * has ended. So no message can be delivered to a later incarnation.
 */
export class Incarnations {
  private readonly violated: Violated;
  private readonly vms = new Set<string>();
  /** By VM, the serials that actors have had. Only the newest of each place is kept: they only grow. */
  private readonly newest = new Map<string, Map<number, number>>();

  constructor(violated: Violated) {
    this.violated = violated;
  }

  /** `name`: with its host, and which of its lives. */
  vm(name: string): void {
    if (this.vms.has(name)) this.violated("one incarnation a number", `a second VM is ${name}`);
    this.vms.add(name);
    this.newest.set(name, new Map());
  }

  vmGone(name: string): void {
    this.newest.delete(name);
  }

  actor(name: string, { serial }: Address): void {
    const serials = this.newest.get(name);
    if (serials === undefined) return;
    const place = serial % placesMax;
    const newest = serials.get(place);
    if (newest !== undefined && newest >= serial)
      this.violated("one incarnation a number", `a second actor of ${name} has the number ${serial}`);
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
