import { refTo, type Cell, type Message, type Ref } from "../../kernel/index.ts";
import type { SimHost } from "./sim-host.ts";
import type { SimVm } from "./vm.ts";

/** An actor as the simulation sees it: from outside and without a message. To be looked at, not changed. */
export interface ActorView {
  readonly ref: Ref<never>;
  readonly label: string;
  /** Its registered name, `""` if it has none. */
  readonly name: string;
  readonly state: unknown;
  readonly parent: Ref<never> | undefined;
  /** Messages waiting. */
  readonly mailbox: readonly Message[];
  readonly links: readonly Ref<never>[];
  /** The first actor of its program: its VM ends with it. */
  readonly isRoot: boolean;
}

/** A live VM. */
export interface VmView {
  /** Unique in the life of its host. */
  readonly number: number;
  /** The name of its host; "" if there is only one, which has none. */
  readonly host: string;
  /** The name of its unikernel. */
  readonly entry: string;
  /** Of its program: without those that belong to the runtime. */
  readonly actors: readonly ActorView[];
}

/** A simulated host that is there. */
export interface HostView {
  readonly name: string;
  /** What it is called in addresses: its name and which of its lives. */
  readonly address: string;
  readonly vms: readonly VmView[];
}

/** `by`: whose VM 0 the addresses are for. */
export const viewOf = (cell: Cell, vm: SimVm, by: SimHost): ActorView => new CellView(cell, vm, by);

export const viewOfVm = (vm: SimVm, by: SimHost): VmView => new View(vm, by);

class View implements VmView {
  readonly vm: SimVm;
  private readonly by: SimHost;

  constructor(vm: SimVm, by: SimHost) {
    this.vm = vm;
    this.by = by;
  }

  get number(): number {
    return this.vm.number;
  }

  get host(): string {
    return this.vm.host.name;
  }

  get entry(): string {
    return this.vm.entry;
  }

  get actors(): readonly ActorView[] {
    return Array.from(this.vm.kernel.actors())
      .filter(({ parent }) => parent !== null)
      .map((cell) => viewOf(cell, this.vm, this.by));
  }
}

/** Undefined: it is none of ours. */
export const vmOfView = (view: VmView): SimVm | undefined => (view instanceof View ? view.vm : undefined);

class CellView implements ActorView {
  private readonly cell: Cell;
  private readonly vm: SimVm;
  private readonly by: SimHost;

  constructor(cell: Cell, vm: SimVm, by: SimHost) {
    this.cell = cell;
    this.vm = vm;
    this.by = by;
  }

  get ref(): Ref<never> {
    const { vm, by, cell } = this;
    if (vm.host === by) return refTo(cell.ref);
    return refTo(by.vm.kernel.address(vm.host.address, vm.number, cell.ref.serial));
  }

  get label(): string {
    return this.cell.behavior.label;
  }

  get name(): string {
    return this.cell.name ?? "";
  }

  get state(): unknown {
    return this.cell.behavior.stateOf(this.cell);
  }

  get parent(): Ref<never> | undefined {
    return this.cell.parent === null ? undefined : refTo(this.cell.parent);
  }

  get mailbox(): readonly Message[] {
    const { mailbox } = this.cell;
    const messages = Array.from({ length: mailbox.count }, (_, index) => mailbox.at(index));
    return messages.filter((message) => message !== undefined);
  }

  get links(): readonly Ref<never>[] {
    return Array.from(this.cell.bonds?.links.values() ?? [], (address) => refTo<never>(address));
  }

  get isRoot(): boolean {
    return this.vm.host.isRoot(this.ref);
  }
}
