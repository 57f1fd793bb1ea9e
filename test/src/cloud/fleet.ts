/**
 * A model of hosts for tests of the planner: it does what it is told, at once or when the test says so, and holds each order against
 * what a cloud promises. It shares nothing with the planner but the declaration.
 */
import { expect } from "vitest";
import type { Cloud, Role } from "../../../src/cloud/declaration.ts";
import type { CloudEvent } from "../../../src/cloud/event.ts";
import type { HostInfo } from "../../../src/cloud/host-table.ts";
import { Planner } from "../../../src/cloud/planner.ts";
import type { RoleKeeper } from "../../../src/cloud/role-keeper.ts";
import type { Orders } from "../../../src/cloud/surroundings.ts";

export interface ModelVm {
  readonly role: Role;
  readonly ordinal: number;
  readonly epoch: number;
  readonly host: string;
  state: "booting" | "running" | "stopping";
}

export const aHost = (name: string, more: Partial<HostInfo> = {}): HostInfo => ({
  name,
  region: "here",
  labels: {},
  targets: ["isolate", "wasm"],
  vmsMax: 100,
  memoryMbMax: 100_000,
  pricePerHour: 1,
  ...more,
});

export class ModelFleet implements Orders {
  readonly events: CloudEvent[] = [];
  readonly planner: Planner;
  readonly vms = new Map<string, ModelVm>();
  readonly up = new Map<string, HostInfo>();
  readonly log: string[] = [];
  /** Those that are not there any more. */
  readonly gone: ModelVm[] = [];
  nowMs = 0;
  private epoch = 0;

  constructor(seed = 1) {
    this.planner = new Planner({ seed, onEvent: (event) => this.events.push(event) });
  }

  declare(cloud: Cloud): void {
    this.planner.declare(cloud, this.nowMs);
  }

  hostUp(info: HostInfo): void {
    this.up.set(info.name, info);
    this.planner.hostUp(info, this.nowMs);
  }

  hostLost(name: string): void {
    this.up.delete(name);
    for (const vm of this.on(name)) this.remove(vm);
    this.planner.hostLost(name, this.nowMs);
  }

  assign(host: number, keeper: RoleKeeper, ordinal: number, epoch: number): void {
    const { info } = this.planner.hosts.at(host);
    const id = `${keeper.role.name}/${ordinal}`;
    this.log.push(`${id} -> ${info.name}`);
    expect(this.vms.has(id), `two VMs of one identity: ${id}`).toBe(false);
    expect(epoch).toBeGreaterThan(this.epoch);
    this.epoch = epoch;
    this.skewHolds(keeper.role, info);
    this.vms.set(id, { role: keeper.role, ordinal, epoch, host: info.name, state: "booting" });
    this.holds(info, keeper.role);
  }

  withdraw(_host: number, keeper: RoleKeeper, ordinal: number): void {
    const id = `${keeper.role.name}/${ordinal}`;
    this.log.push(`stop ${id}`);
    const vm = this.vms.get(id);
    expect(vm?.state).toMatch(/booting|running/);
    if (vm !== undefined) vm.state = "stopping";
  }

  turn(): void {
    this.planner.turn(this.nowMs, this);
    // What was done once is not done twice.
    const told = this.log.length;
    this.planner.turn(this.nowMs, this);
    expect(this.log.length).toBe(told);
  }

  ready(vm: ModelVm): void {
    vm.state = "running";
    expect(this.planner.started(vm.role.name, vm.ordinal, vm.epoch, this.nowMs)).toBe(true);
  }

  end(vm: ModelVm, reason = "crash"): void {
    this.remove(vm);
    this.planner.ended(vm.role.name, vm.ordinal, vm.epoch, reason, this.nowMs);
  }

  /** Hosts do all that they were told, and time passes, until there is nothing left to do but what time brings later than `untilMs`. */
  settle(untilMs = this.nowMs + 10 * 60_000): void {
    for (let round = 0; round < 10_000; round++) {
      this.turn();
      const open = [...this.vms.values()].filter(({ state }) => state !== "running");
      for (const vm of open) {
        if (vm.state === "booting") this.ready(vm);
        else this.end(vm);
      }
      if (open.length > 0) continue;
      const { nextDueMs } = this.planner;
      if (nextDueMs > untilMs) return;
      this.nowMs = Math.max(this.nowMs, nextDueMs);
    }
    throw new Error("it does not settle");
  }

  on(host: string): readonly ModelVm[] {
    return [...this.vms.values()].filter((vm) => vm.host === host);
  }

  /** Hosts that one more VM of the role could go to, found by looking at everything. */
  roomFor(role: Role): readonly string[] {
    const all = [...this.vms.values()];
    const { budget, roles } = this.planner.cloud ?? none;
    const used = new Set(all.map(({ host }) => host));
    if (all.length + 1 > budget.vms || memory(all) + role.memoryMb > budget.memoryMb) return [];
    const fits = (info: HostInfo): boolean => {
      const here = this.on(info.name);
      const meets = here.some(
        ({ role: { name } }) =>
          role.apart.includes(name) || roles.find((other) => other.name === name)?.apart.includes(role.name),
      );
      const money = this.price(used.add(info.name));
      if (here.length === 0) used.delete(info.name);
      return (
        !meets &&
        here.length < info.vmsMax &&
        memory(here) + role.memoryMb <= info.memoryMbMax &&
        here.filter((vm) => vm.role.name === role.name).length < role.perHostMax &&
        money <= budget.moneyPerHour &&
        this.skewWith(role, info) <= (role.spread?.maxSkew ?? Infinity)
      );
    };
    return [...this.up.values()].filter(fits).map(({ name }) => name);
  }

  private remove(vm: ModelVm): void {
    this.vms.delete(`${vm.role.name}/${vm.ordinal}`);
    this.gone.push(vm);
  }

  private price(hosts: ReadonlySet<string>): number {
    return [...hosts].reduce((sum, host) => sum + (this.up.get(host)?.pricePerHour ?? 0), 0);
  }

  private holds(info: HostInfo, role: Role): void {
    const here = this.on(info.name);
    const { budget, roles } = this.planner.cloud ?? none;
    expect(this.up.has(info.name)).toBe(true);
    expect(here.length).toBeLessThanOrEqual(info.vmsMax);
    expect(memory(here)).toBeLessThanOrEqual(info.memoryMbMax);
    expect(here.filter((vm) => vm.role.name === role.name).length).toBeLessThanOrEqual(role.perHostMax);
    for (const vm of here) {
      const apart = roles.find(({ name }) => name === vm.role.name)?.apart ?? [];
      expect(role.apart).not.toContain(vm.role.name);
      expect(apart).not.toContain(role.name);
    }
    expect(role.regions.length === 0 || role.regions.includes(info.region)).toBe(true);
    const all = [...this.vms.values()];
    expect(all.length).toBeLessThanOrEqual(budget.vms);
    expect(memory(all)).toBeLessThanOrEqual(budget.memoryMb);
    expect(this.price(new Set(all.map(({ host }) => host)))).toBeLessThanOrEqual(budget.moneyPerHour);
  }

  private skewHolds(role: Role, info: HostInfo): void {
    expect(this.skewWith(role, info)).toBeLessThanOrEqual(role.spread?.maxSkew ?? Infinity);
  }

  /** Between regions, with one more VM on that host. */
  private skewWith(role: Role, info: HostInfo): number {
    if (role.spread === undefined) return 0;
    const inRegion = (region: string): number =>
      [...this.vms.values()].filter(
        (vm) => vm.role.name === role.name && this.up.get(vm.host)?.region === region,
      ).length;
    return (
      inRegion(info.region) + 1 - Math.min(...[...this.up.values()].map(({ region }) => inRegion(region)))
    );
  }
}

const none: Pick<Cloud, "budget" | "roles"> = { budget: { vms: 0, memoryMb: 0, moneyPerHour: 0 }, roles: [] };
const memory = (vms: readonly ModelVm[]): number => vms.reduce((sum, { role }) => sum + role.memoryMb, 0);
