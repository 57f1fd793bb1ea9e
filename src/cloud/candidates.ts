/**
 * Where the next VM of one role goes: hosts in heaps by how full they are of this role, one heap for each domain that it is spread over.
 * A host that turns out not to have room is parked until something on it ends, so that nobody looks at full hosts again and again.
 */
import { type Role, unbounded } from "./declaration.ts";
import { HostHeap } from "./host-heap.ts";
import { domainOf, type HostEntry, misfit, roomFor } from "./host-table.ts";

interface Domain {
  readonly name: string;
  readonly heap: HostHeap;
  /** VMs of the role in it. */
  vms: number;
  /** Hosts that the role may use and that are up, full ones too. */
  hosts: number;
}

export type Lack = "VMs" | "memory" | "money" | "apart" | "perHostMax" | "lost";

/** What of a host only its table and the other roles know. */
export interface Looks {
  /** Undefined: there is room for one more. */
  lack(host: number): Lack | undefined;
  countOn(host: number): number;
}

export class Candidates {
  private readonly role: Role;
  private readonly looks: Looks;
  private readonly domains: Domain[] = [];
  private readonly byHost: (Domain | undefined)[] = [];
  private readonly weights: number[] = [];
  private readonly prices: number[] = [];
  private readonly parked = new Set<number>();
  /** Parked since the budget allows no host more. */
  private readonly unpaid = new Set<number>();

  constructor(role: Role, looks: Looks) {
    this.role = role;
    this.looks = looks;
  }

  /** Whether a role may use it at all. */
  fits(host: number): boolean {
    return this.byHost[host] !== undefined;
  }

  /** A host is up, as new or again, with so many VMs of this role. */
  add(host: HostEntry): void {
    const { index } = host;
    this.remove(index);
    const room = roomFor(host.info, this.role);
    if (room < 1 || misfit(host.info, this.role) !== undefined) return;
    const domain = this.domainNamed(domainOf(host.info, this.role));
    domain.hosts += 1;
    domain.vms += this.looks.countOn(index);
    this.byHost[index] = domain;
    this.weights[index] = room;
    this.prices[index] = host.info.pricePerHour;
    domain.heap.set(index, this.key(index));
  }

  /** It is lost; call it before its VMs are taken off. */
  remove(host: number): void {
    const domain = this.byHost[host];
    if (domain === undefined) return;
    domain.hosts -= 1;
    domain.vms -= this.looks.countOn(host);
    domain.heap.delete(host);
    this.byHost[host] = undefined;
    this.parked.delete(host);
    this.unpaid.delete(host);
  }

  /** A VM of this role more (1) or less (-1) is there. */
  changed(host: number, by: 1 | -1): void {
    const domain = this.byHost[host];
    if (domain === undefined) return;
    domain.vms += by;
    if (domain.heap.has(host)) domain.heap.set(host, this.key(host));
  }

  /** Something, of whatever role, has ended on it. */
  retry(host: number): void {
    const domain = this.byHost[host];
    if (domain !== undefined && this.parked.delete(host)) domain.heap.set(host, this.key(host));
  }

  /** The budget has money again. */
  retryUnpaid(): void {
    for (const host of this.unpaid) this.byHost[host]?.heap.set(host, this.key(host));
    this.unpaid.clear();
  }

  /** The emptiest host of the emptiest domain; `avoid` only if there is no other. -1: there is none. */
  choose(avoid: number): number {
    const { maxSkew } = this.role.spread ?? { maxSkew: unbounded };
    for (;;) {
      const domain = this.emptiest();
      if (domain === undefined || domain.vms + 1 - this.leastVms() > maxSkew) return -1;
      const host = this.roomIn(domain, avoid);
      if (host !== -1) return host;
    }
  }

  private roomIn({ heap }: Domain, avoid: number): number {
    let avoided = false;
    for (;;) {
      const { first: host } = heap;
      if (host === undefined) {
        if (avoided) heap.set(avoid, this.key(avoid));
        return avoided ? avoid : -1;
      }
      const lack = this.looks.lack(host);
      if (lack === undefined && host !== avoid) {
        if (avoided) heap.set(avoid, this.key(avoid));
        return host;
      }
      heap.delete(host);
      if (lack === undefined) avoided = true;
      else if (lack === "money") this.unpaid.add(host);
      else this.parked.add(host);
    }
  }

  private emptiest(): Domain | undefined {
    let found: Domain | undefined;
    for (const domain of this.domains)
      if (domain.heap.size > 0 && (found === undefined || domain.vms < found.vms)) found = domain;
    return found;
  }

  private leastVms(): number {
    let least = Infinity;
    for (const { hosts, vms } of this.domains) if (hosts > 0 && vms < least) least = vms;
    return least;
  }

  private domainNamed(name: string): Domain {
    const known = this.domains.find((domain) => domain.name === name);
    if (known !== undefined) return known;
    const made = { name, heap: new HostHeap(), vms: 0, hosts: 0 };
    this.domains.push(made);
    return made;
  }

  /** Equally full by its size; between equals the cheaper one. */
  private key(host: number): number {
    const weight = this.weights[host] ?? 1;
    return (this.looks.countOn(host) + 1e-6 * (this.prices[host] ?? 0)) / weight;
  }
}
