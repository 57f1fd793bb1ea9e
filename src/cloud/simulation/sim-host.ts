/** A simulated host: VMs that boot and end after a while, some of which crash. It has a real agent beside it, and dies and returns as it is told. */
import type { Random } from "../../testing/random.ts";
import type { CloudHost, CloudHostEvents, VmOrder } from "../cloud-host.ts";
import type { HostInfo } from "../host-table.ts";
import type { Agenda } from "./agenda.ts";
import type { Witness } from "./witness.ts";

interface SimVm {
  readonly order: VmOrder;
  state: "booting" | "running" | "stopping";
  held: boolean;
}

export class SimHost implements CloudHost {
  readonly info: HostInfo;
  readonly bootsAtOnce = 256;
  events: CloudHostEvents | undefined;
  /** Boots so far, on this host. */
  boots = 0;
  /** Whether a VM crashes as soon as it is ready. */
  crashes: (order: VmOrder) => boolean = () => false;
  private readonly agenda: Agenda;
  private readonly random: Random;
  private readonly witness: Witness;
  private readonly vms = new Map<VmOrder, SimVm>();

  constructor(info: HostInfo, agenda: Agenda, random: Random, witness: Witness) {
    this.info = info;
    this.agenda = agenda;
    this.random = random;
    this.witness = witness;
  }

  boot(order: VmOrder): void {
    const vm: SimVm = { order, state: "booting", held: false };
    this.boots += 1;
    this.vms.set(order, vm);
    this.witness.takes(order.role, this.info);
    this.agenda.after(20 + 100 * this.random.next(), () => {
      if (this.vms.get(order) !== vm || vm.state !== "booting") return;
      vm.state = "running";
      if (!vm.held) this.witness.acts(order.role, order.ordinal);
      this.events?.started(order);
      if (this.crashes(order)) this.crash(order);
    });
  }

  stop(order: VmOrder): void {
    const vm = this.vms.get(order);
    if (vm === undefined) return;
    const acted = vm.state === "running";
    this.agenda.after(5 + 50 * this.random.next(), () => {
      if (this.vms.get(order) !== vm) return;
      this.remove(vm, acted);
      this.events?.ended(order, "stopped");
    });
    // Until it is gone it may act.
    if (!acted) vm.state = "stopping";
  }

  hold(order: VmOrder, held: boolean): void {
    const vm = this.vms.get(order);
    if (vm === undefined || vm.held === held) return;
    vm.held = held;
    const { role, ordinal } = order;
    if (held) this.witness.gives(role, this.info);
    else this.witness.takes(role, this.info);
    if (vm.state !== "running") return;
    if (held) this.witness.actsNoMore(role, ordinal);
    else this.witness.acts(role, ordinal);
  }

  /** One VM, by itself. */
  crash(order: VmOrder): void {
    const vm = this.vms.get(order);
    if (vm === undefined) return;
    this.remove(vm, vm.state === "running");
    this.events?.ended(order, "crashed");
  }

  /** The n-th of those that are there. */
  some(nth: number): VmOrder | undefined {
    return [...this.vms.keys()][nth % Math.max(1, this.vms.size)];
  }

  /** The machine has lost its power. */
  die(): void {
    for (const vm of this.vms.values()) this.remove(vm, vm.state === "running");
    this.events = undefined;
  }

  private remove(vm: SimVm, acted: boolean): void {
    const { role, ordinal } = vm.order;
    this.vms.delete(vm.order);
    if (vm.held) return;
    this.witness.gives(role, this.info);
    if (acted) this.witness.actsNoMore(role, ordinal);
  }
}
