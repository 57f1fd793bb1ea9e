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
  readonly number: number;
  /** The name of its unikernel. */
  readonly entry: string;
  /** Of its program: without those that belong to the runtime. */
  readonly actors: readonly ActorView[];
}

export const viewOf = (cell: Cell, host: SimHost): ActorView => new CellView(cell, host);

export function viewOfVm(vm: SimVm, host: SimHost): VmView {
  const { number, entry, kernel } = vm;
  return {
    number,
    entry,
    get actors() {
      return Array.from(kernel.actors())
        .filter(({ parent }) => parent !== null)
        .map((cell) => viewOf(cell, host));
    },
  };
}

class CellView implements ActorView {
  private readonly cell: Cell;
  private readonly host: SimHost;

  constructor(cell: Cell, host: SimHost) {
    this.cell = cell;
    this.host = host;
  }

  get ref(): Ref<never> {
    return refTo(this.cell.ref);
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
    return this.host.isRoot(this.ref);
  }
}
