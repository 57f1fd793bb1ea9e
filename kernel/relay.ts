import { Behavior } from "./behavior.ts";
import { monitor } from "./bonds.ts";
import type { RemoteCall } from "./call.ts";
import type { Cell } from "./cell.ts";
import type { Down } from "./event.ts";
import type { Kernel } from "./kernel.ts";
import type { Message } from "./message.ts";
import type { Address, Home } from "./ref.ts";
import { RelayedCall } from "./relayed-call.ts";
import { control } from "./signal.ts";

interface Relayed {
  readonly watcher: Address;
  readonly id: number;
  /** Its serial: whom the watcher believes to watch. */
  readonly slot: number;
}

/**
 * The actor that stands in when somebody in another VM uses a `Slot` of this one whose child lives in yet another: it makes
 * the call, or the monitor, in its own name and passes on what comes of it.
 */
export class Relay extends Behavior {
  private readonly watches = new Map<number, Relayed>();

  constructor() {
    super("relay", undefined);
  }

  readonly stopsAtWait = true;

  begin(cell: Cell): void {
    cell.takeArgs();
  }

  handle(_cell: Cell, message: Message): void {
    if (message.type !== "down") return;
    // Sound: only the kernel sends to this actor, and it sends a Down under this name.
    const { monitor: id, reason } = message as Down;
    const relayed = this.watches.get(id);
    this.watches.delete(id);
    if (relayed === undefined) return;
    relayed.watcher.home.carrier?.control(
      control.down,
      relayed.watcher.serial,
      relayed.slot,
      relayed.id,
      reason,
    );
  }

  lastWords(): void {}

  watch(cell: Cell, target: Address, relayed: Relayed): void {
    this.watches.set(monitor(cell.kernel, cell, target), relayed);
  }

  call(cell: Cell, target: Address, call: RemoteCall): void {
    call.enter(cell);
    new RelayedCall(cell, target, call).begin();
  }
}

/** The caller has given up: so has the relay. */
export function cancelRelayed(kernel: Kernel, home: Home, id: number): void {
  for (const pending of kernel.calls.values()) {
    if (!(pending instanceof RelayedCall) || !pending.isFor(home, id)) continue;
    return pending.forget();
  }
}
