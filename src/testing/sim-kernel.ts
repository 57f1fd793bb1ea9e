import {
  type CallMessage,
  Kernel,
  type Address,
  type Behavior,
  type Cell,
  type ExitReason,
  type Message,
  type Platform,
  type Slot,
} from "../../kernel/index.ts";
import type { Observer } from "./observer.ts";
import type { SimVm } from "./vm.ts";

/**
 * A kernel whose every signal, birth and death is seen by the simulation before it takes effect. It changes nothing of what the
 * kernel does: a program cannot tell the difference.
 */
export class SimKernel extends Kernel {
  readonly vm: SimVm;
  private readonly observer: Observer;

  constructor(platform: Platform, vm: SimVm, observer: Observer, development: boolean) {
    super(platform, { vm: vm.number, development });
    this.vm = vm;
    this.observer = observer;
  }

  override spawn(behavior: Behavior, args: readonly unknown[], parent: Address | null): Cell {
    const cell = super.spawn(behavior, args, parent);
    this.observer.spawned(this.vm, cell);
    return cell;
  }

  override ended(cell: Cell, reason: ExitReason): void {
    this.observer.ended(this.vm, cell, reason);
    super.ended(cell, reason);
  }

  override post(from: Cell, to: Address, message: Message): void {
    if (to.cell !== null) this.observer.message(this.vm, to.cell, message, from.ref);
    super.post(from, to, message);
  }

  override deliver(cell: Cell, message: Message): void {
    this.observer.message(this.vm, cell, message, null);
    super.deliver(cell, message);
  }

  override deliverCall(cell: Cell, call: CallMessage): void {
    this.observer.message(this.vm, cell, call, call.from);
    super.deliverCall(cell, call);
  }

  override exitSignal(cell: Cell, from: Address, reason: ExitReason, linked: boolean): void {
    this.observer.exitSignal(this.vm, cell, from, reason, linked);
    super.exitSignal(cell, from, reason, linked);
  }

  override down(cell: Cell, id: number, from: Address, reason: ExitReason): void {
    this.observer.down(this.vm, cell, id, from, reason);
    super.down(cell, id, from, reason);
  }

  override slot(owner: Cell): Slot {
    const slot = super.slot(owner);
    this.observer.once.slotMade(this.vm, slot.ref);
    this.observer.supervision.slotMade(owner, slot);
    const lead = slot.lead.bind(slot);
    slot.lead = (target) => {
      if (target !== null) this.observer.supervision.leads(owner, slot, target);
      lead(target);
    };
    return slot;
  }

  override removeSlot(owner: Cell, slot: Slot): void {
    super.removeSlot(owner, slot);
    this.observer.supervision.slotGone(owner, slot);
  }
}
