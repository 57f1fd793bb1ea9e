import { srcError } from "../errors.ts";

/** How many VMs a host may have at a time, and how much memory all of them together. */
export class Room {
  private readonly vmsMax: number;
  private readonly memoryMbMax: number;
  private readonly vms: ReadonlyMap<number, { readonly memoryMb: number }>;

  /** `vms`: those that are there, at any time. */
  constructor(vmsMax: number, memoryMbMax: number, vms: ReadonlyMap<number, { readonly memoryMb: number }>) {
    this.vmsMax = vmsMax;
    this.memoryMbMax = memoryMbMax;
    this.vms = vms;
  }

  /** For one more VM. Throws `TOO_MANY_VMS`, `HOST_MEMORY`. */
  check(memoryMb: number): void {
    const { vmsMax, memoryMbMax } = this;
    if (this.vms.size >= vmsMax) throw srcError("TOO_MANY_VMS", { vmsMax });
    if (!this.has(memoryMb)) throw srcError("HOST_MEMORY", { memoryMbMax, usedMb: this.usedMb, memoryMb });
  }

  has(memoryMb: number): boolean {
    return this.memoryMbMax === Infinity || this.usedMb + memoryMb <= this.memoryMbMax;
  }

  private get usedMb(): number {
    let usedMb = 0;
    for (const vm of this.vms.values()) usedMb += vm.memoryMb;
    return usedMb;
  }
}
