/**
 * The hosts of a cloud as its planner knows them: what they have, and what of it is taken. A host keeps its index for good, also when it
 * is lost and comes back. Owns the ledger of the budget: VMs, memory, and the price of every host that has a VM.
 */
import type { Budget, Role } from "./declaration.ts";

/** What a host says of itself. */
export interface HostInfo {
  readonly name: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What its VMs can be. */
  readonly targets: readonly string[];
  /** VMs that it can have at a time. */
  readonly vmsMax: number;
  /** MiB that all of them may come to. */
  readonly memoryMbMax: number;
  /** Money, of any currency, as long as the cloud has a VM on it. */
  readonly pricePerHour: number;
}

export interface HostEntry {
  readonly index: number;
  info: HostInfo;
  up: boolean;
  vms: number;
  memoryMb: number;
}

export class HostTable {
  readonly entries: HostEntry[] = [];
  private readonly byName = new Map<string, HostEntry>();
  /** Of all VMs that were given to a host and are not known to have ended. */
  vms = 0;
  memoryMb = 0;
  moneyPerHour = 0;

  /** It is there, as new or again, or has changed. */
  put(info: HostInfo): HostEntry {
    const known = this.byName.get(info.name);
    if (known === undefined) {
      const made = { index: this.entries.length, info, up: true, vms: 0, memoryMb: 0 };
      this.entries.push(made);
      this.byName.set(info.name, made);
      return made;
    }
    if (known.vms > 0) this.moneyPerHour += info.pricePerHour - known.info.pricePerHour;
    known.info = info;
    known.up = true;
    return known;
  }

  named(name: string): HostEntry | undefined {
    return this.byName.get(name);
  }

  at(index: number): HostEntry {
    const entry = this.entries[index];
    if (entry === undefined) throw new RangeError(`no host ${index}`);
    return entry;
  }

  /** A VM of so many MiB is given to it. */
  take(host: HostEntry, memoryMb: number): void {
    if (host.vms === 0) this.moneyPerHour += host.info.pricePerHour;
    host.vms += 1;
    host.memoryMb += memoryMb;
    this.vms += 1;
    this.memoryMb += memoryMb;
  }

  free(host: HostEntry, memoryMb: number): void {
    host.vms -= 1;
    host.memoryMb -= memoryMb;
    this.vms -= 1;
    this.memoryMb -= memoryMb;
    if (host.vms > 0) return;
    // Sums of fractions drift; here the sum is known.
    host.memoryMb = 0;
    this.moneyPerHour = this.vms === 0 ? 0 : this.moneyPerHour - host.info.pricePerHour;
  }
}

/** Whether it is of the hosts that a role may use at all, whatever they hold now; else which of its wishes it does not fulfil. */
export function misfit(info: HostInfo, role: Role): string | undefined {
  if (!role.targets.some((target) => info.targets.includes(target)))
    return `target ${role.targets.join(" or ")}`;
  if (role.regions.length > 0 && !role.regions.includes(info.region))
    return `region ${role.regions.join(" or ")}`;
  for (const [label, values] of Object.entries(role.labels)) {
    const value = Object.hasOwn(info.labels, label) ? info.labels[label] : undefined;
    if (value === undefined || !values.includes(value)) return `label ${label}=${values.join(" or ")}`;
  }
  const { over } = role.spread ?? { over: "region" };
  if (over !== "region" && !Object.hasOwn(info.labels, over))
    return `label ${over}, which its VMs are spread over`;
  return undefined;
}

/** Which of those that a role is spread over it is in. */
export const domainOf = (info: HostInfo, { spread }: Role): string =>
  spread === undefined ? "" : spread.over === "region" ? info.region : (info.labels[spread.over] ?? "");

/** VMs of a role that it could have if it had no others: how large it is, in their eyes. */
export const roomFor = (info: HostInfo, { memoryMb }: Role): number =>
  Math.min(info.vmsMax, Math.floor(info.memoryMbMax / memoryMb));

/** What forbids one more VM of so many MiB there, for now. */
export function lack(
  hosts: HostTable,
  host: HostEntry,
  memoryMb: number,
  budget: Required<Budget>,
): "lost" | "VMs" | "memory" | "money" | undefined {
  const { info, vms } = host;
  if (!host.up) return "lost";
  if (vms + 1 > info.vmsMax) return "VMs";
  if (host.memoryMb + memoryMb > info.memoryMbMax) return "memory";
  if (vms === 0 && hosts.moneyPerHour + info.pricePerHour > budget.moneyPerHour) return "money";
  return undefined;
}
