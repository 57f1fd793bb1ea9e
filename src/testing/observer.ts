import {
  CallMessage,
  CastMessage,
  type Address,
  type Cell,
  type ControlKind,
  control,
  type ExitReason,
  type Home,
  type KernelEvent,
  type Message,
} from "../../kernel/index.ts";
import { Incarnations } from "./invariants/incarnations.ts";
import type { Violated } from "./invariants/ledger.ts";
import { Once } from "./invariants/once.ts";
import { Supervision, type Population } from "./invariants/supervision.ts";
import { shown } from "./reason.ts";
import type { Trace } from "./trace.ts";
import type { SimVm } from "./vm.ts";

/**
 * Sees every signal, birth and death of all VMs: writes them into the trace and shows them to the invariants that always hold.
 * It never acts on what it sees.
 */
export class Observer {
  /** Messages, calls, answers, exit and down signals that have arrived. */
  signals = 0;
  readonly supervision: Supervision;
  readonly incarnations: Incarnations;
  readonly once: Once;
  private readonly trace: Trace;
  private readonly crashed: (event: KernelEvent) => void;

  constructor(
    trace: Trace,
    population: Population,
    violated: Violated,
    crashed: (event: KernelEvent) => void,
  ) {
    this.trace = trace;
    this.crashed = crashed;
    this.supervision = new Supervision(population, violated);
    this.incarnations = new Incarnations(violated);
    this.once = new Once(violated);
  }

  spawned(vm: SimVm, cell: Cell): void {
    const { ref, behavior } = cell;
    this.incarnations.actor(vm.name, ref);
    this.trace.add(vm.name, `spawn ${ref.toString()} ${behavior.label}`);
  }

  ended(vm: SimVm, cell: Cell, reason: ExitReason): void {
    const { ref, behavior } = cell;
    this.trace.add(vm.name, `end ${ref.toString()} ${behavior.label}: ${shown(reason)}`);
    this.supervision.ended(cell);
  }

  /** Into a mailbox; `from` is null where only the VM it came from is known. */
  message(vm: SimVm, to: Cell, message: Message, from: Address | null): void {
    this.signals++;
    this.incarnations.receives(to);
    this.trace.add(
      vm.name,
      from === null
        ? `${what(message)} to ${to.ref.toString()}`
        : `${what(message)} from ${from.toString()} to ${to.ref.toString()}`,
    );
  }

  exitSignal(vm: SimVm, to: Cell, from: Address, reason: ExitReason, linked: boolean): void {
    this.signals++;
    const { ref } = to;
    this.trace.add(
      vm.name,
      `${linked ? "link" : "exit"} from ${from.toString()} to ${ref.toString()}: ${shown(reason)}`,
    );
    if (linked) this.once.exit(vm, to, from, reason);
    else this.supervision.exitSignal(from.cell, ref, reason);
  }

  down(vm: SimVm, to: Cell, id: number, from: Address, reason: ExitReason): void {
    this.signals++;
    const { ref } = to;
    this.trace.add(vm.name, `down ${id} from ${from.toString()} to ${ref.toString()}: ${shown(reason)}`);
    this.once.down(to, id, from);
  }

  /** An answer or a control signal from another VM has arrived. */
  arrived(vm: SimVm, text: string): void {
    this.signals++;
    this.trace.add(vm.name, text);
  }

  /** A link comes from another VM. */
  linkArrived(vm: SimVm, to: number, from: Home, serial: number): void {
    const cell = vm.kernel.entry(to)?.ref.cell ?? null;
    if (cell !== null) this.once.linked(cell, vm.kernel.address(from.host, from.vm, serial));
  }

  /** A supervisor may be asking the root of a VM to stop. */
  controlSent(
    vm: SimVm,
    kind: ControlKind,
    from: number,
    to: Home,
    serial: number,
    reason: ExitReason | undefined,
  ): void {
    if (kind !== control.link && kind !== control.exit) return;
    const sender = vm.kernel.entry(from)?.ref.cell ?? null;
    if (kind === control.link) {
      if (sender !== null) this.once.linked(sender, vm.kernel.address(to.host, to.vm, serial));
    } else if (reason !== undefined)
      this.supervision.exitSignal(sender, vm.kernel.address(to.host, to.vm, serial), reason);
  }

  report(vm: SimVm, event: KernelEvent): void {
    this.trace.add(vm.name, eventText(event));
    this.crashed(event);
  }

  /** What the simulation itself does. */
  note(vm: SimVm | undefined, text: string): void {
    this.trace.add(vm?.name ?? "sim", text);
  }
}

function what(message: Message): string {
  if (message instanceof CallMessage) return `call ${message.op}`;
  return message instanceof CastMessage ? `cast ${message.op}` : message.type;
}

function eventText(event: KernelEvent): string {
  switch (event.type) {
    case "crash":
      return `crash ${event.actor} ${event.label}: ${shown(event.reason)}`;
    case "dead-letter":
      return `lost ${event.count} to ${event.to}: ${event.example} (${event.why})`;
    case "unhandled":
      return `unhandled ${event.message} to ${event.actor} ${event.label}`;
    case "supervisor":
      return `${event.report} ${event.child} of ${event.supervisor}: ${shown(event.reason)}`;
    case "service":
      return `${event.label} ${event.service} ${event.step} vm${event.vm}: ${shown(event.reason)}`;
  }
}
