import type { RemoteCall } from "./call.ts";
import type { Cell } from "./cell.ts";
import type { ExitReason } from "./exit.ts";
import type { Kernel } from "./kernel.ts";
import type { Address } from "./ref.ts";
import { Relay } from "./relay.ts";
import { control } from "./signal.ts";

/** What goes from one other VM to yet another by way of a `Slot` of this one. Owns the one `Relay` actor, made at first use. */
export class Relays {
  private readonly kernel: Kernel;
  private readonly behavior = new Relay();
  private cell: Cell | null = null;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  call(target: Address, call: RemoteCall): void {
    this.behavior.call(this.actor(), target, call);
  }

  /** `slot`: the serial that the watcher knows. */
  monitor(target: Address, watcher: Address, id: number, slot: number): void {
    this.behavior.watch(this.actor(), target, { watcher, id, slot });
  }

  exit(target: Address, reason: ExitReason): void {
    const carrier = this.kernel.carrierTo(target.home);
    carrier?.control(control.exit, target.serial, this.actor().ref.serial, 0, reason);
  }

  private actor(): Cell {
    this.cell ??= this.kernel.spawn(this.behavior, [], null);
    return this.cell;
  }
}
