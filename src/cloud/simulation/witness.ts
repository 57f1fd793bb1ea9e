/** Watches all simulated hosts at once, as nobody in a real cloud can, and holds what must never be: two VMs that act under one identity, or more VMs, memory or money than the budget has. */
import type { Budget, Role } from "../declaration.ts";
import type { HostInfo } from "../host-table.ts";

export class Witness {
  readonly violations: string[] = [];
  acting = 0;
  /** The most at any moment, of VMs that act or boot. */
  readonly peak = { vms: 0, memoryMb: 0, moneyPerHour: 0 };
  private readonly budget: Required<Budget>;
  private readonly counts = new Map<string, Uint8Array>();
  private readonly onHost = new Map<string, number>();
  private vms = 0;
  private memoryMb = 0;
  private moneyPerHour = 0;

  constructor(budget: Required<Budget>) {
    this.budget = budget;
  }

  acts(role: Role, ordinal: number): void {
    const counts = this.countsOf(role.name, ordinal);
    const count = (counts[ordinal] ?? 0) + 1;
    counts[ordinal] = count;
    this.acting += 1;
    if (count > 1 && role.cutOff === "hold") this.violate(`${count} VMs act as ${role.name}/${ordinal}`);
  }

  actsNoMore(role: Role, ordinal: number): void {
    const counts = this.countsOf(role.name, ordinal);
    counts[ordinal] = (counts[ordinal] ?? 1) - 1;
    this.acting -= 1;
  }

  /** It takes of the budget: it boots, acts or ends, and is not held. */
  takes(role: Role, host: HostInfo): void {
    const vms = this.onHost.get(host.name) ?? 0;
    this.onHost.set(host.name, vms + 1);
    if (vms === 0) this.moneyPerHour += host.pricePerHour;
    this.vms += 1;
    this.memoryMb += role.memoryMb;
    this.peak.vms = Math.max(this.peak.vms, this.vms);
    this.peak.memoryMb = Math.max(this.peak.memoryMb, this.memoryMb);
    this.peak.moneyPerHour = Math.max(this.peak.moneyPerHour, this.moneyPerHour);
    const { budget } = this;
    if (this.vms > budget.vms) this.violate(`${this.vms} VMs, and a budget of ${budget.vms}`);
    if (this.memoryMb > budget.memoryMb)
      this.violate(`${this.memoryMb} MiB, and a budget of ${budget.memoryMb}`);
    if (this.moneyPerHour > budget.moneyPerHour + 1e-6)
      this.violate(`${this.moneyPerHour} an hour, and a budget of ${budget.moneyPerHour}`);
  }

  gives(role: Role, host: HostInfo): void {
    const vms = (this.onHost.get(host.name) ?? 1) - 1;
    this.onHost.set(host.name, vms);
    if (vms === 0) this.moneyPerHour -= host.pricePerHour;
    this.vms -= 1;
    this.memoryMb -= role.memoryMb;
  }

  private violate(what: string): void {
    if (this.violations.length < 100) this.violations.push(what);
  }

  private countsOf(role: string, ordinal: number): Uint8Array {
    const known = this.counts.get(role) ?? new Uint8Array(0);
    if (ordinal < known.length) return known;
    const larger = new Uint8Array(Math.max(64, 2 * known.length, 2 * ordinal));
    larger.set(known);
    this.counts.set(role, larger);
    return larger;
  }
}
