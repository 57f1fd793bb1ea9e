import { bondKey, bondsOf, confirmed, linkedFrom, linkEnded, viaKey } from "./bonds.ts";
import { CallMessage, RemoteCall } from "./call.ts";
import type { Cell } from "./cell.ts";
import { READY, RUNNING, WAITING } from "./status.ts";
import type { ExitReason } from "./exit.ts";
import type { Kernel } from "./kernel.ts";
import { hostVm } from "./host.ts";
import { limits } from "./limits.ts";
import type { Message } from "./message.ts";
import { Address, type Home } from "./ref.ts";
import { control, type CallFailure, type ControlKind, type SignalSink } from "./signal.ts";
import { cancelRelayed } from "./relay.ts";
import { Slot } from "./slot.ts";

/**
 * The kernel's door for what one other VM sends. That VM is taken from the carrier and never from the frame, so nobody can
 * speak in another's name. What names nobody here is answered as OTP does: messages vanish (a dead letter), calls, links
 * and monitors hear `noproc`.
 */
export class Inbound implements SignalSink {
  private readonly kernel: Kernel;
  private readonly home: Home;
  private full: Cell | null = null;

  constructor(kernel: Kernel, home: Home) {
    this.kernel = kernel;
    this.home = home;
  }

  /**
   * True while an actor has more messages from carriers than it should: the carrier is then not read, so that the sender
   * feels it. Not while that actor waits for a message or an answer, which may be behind the others in the carrier, and not
   * while it waits for a carrier of its own to drain: two that wait so for each other would wait for ever.
   */
  get saturated(): boolean {
    const cell = this.full;
    if (cell === null) return false;
    const { status, callsOpen } = cell;
    const busy = status === READY || status === RUNNING || status === WAITING;
    // What waits to be passed on waits for nothing that may be behind it, except for the host.
    const pushesBack = cell.behavior.passesOn && this.home.vm !== hostVm;
    if (
      (pushesBack || (busy && callsOpen === 0)) &&
      cell.mailbox.count > limits.inboundBacklogMessagesMax / 2
    )
      return true;
    this.full = null;
    return false;
  }

  message(to: number, message: Message): void {
    const { kernel } = this;
    const entry = kernel.entry(to);
    if (entry === undefined) return kernel.deadLetter(new Address(kernel.home, to, null), message, "noproc");
    // The kernel's own, which no program can send: exit and down signals come by `control`.
    if (message.type === "exit" || message.type === "down")
      return kernel.deadLetter(entry.ref, message, "forged");
    const { cell } = entry.ref;
    if (cell === null) return this.forward(entry.ref, message);
    kernel.deliver(cell, message);
    this.watch(cell);
  }

  /** Through a slot to yet another VM. The carrier it came by must not suffer if the way on is full. */
  private forward(to: Address, message: Message): void {
    try {
      this.kernel.postAway(null, to, message);
    } catch {
      this.kernel.deadLetter(to, message, "refused");
    }
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    const { kernel, home } = this;
    const entry = kernel.entry(to);
    const call = new RemoteCall(home, from, id, op, args);
    const cell = entry?.ref.cell ?? null;
    if (cell !== null) {
      kernel.deliverCall(cell, call);
      this.watch(cell);
      return;
    }
    const target = entry instanceof Slot ? entry.target : null;
    if (target === null) this.answer(id, "noproc");
    else kernel.relays.call(target, call);
  }

  reply(id: number, ok: boolean, value: unknown): void {
    const pending = this.kernel.calls.get(id);
    // Only the VM that was asked may answer.
    if (pending === undefined || pending.callee.home !== this.home) return;
    if (ok) pending.answer(value);
    else pending.fail(isFailure(value) ? value : { type: "exit", reason: "badreply" });
  }

  control(
    kind: ControlKind,
    to: number,
    fromSerial: number,
    id: number,
    reason: ExitReason | undefined,
  ): void {
    const { kernel, home } = this;
    const entry = kernel.entry(to);
    const from = new Address(home, fromSerial, null);
    const cell = entry?.ref.cell ?? null;
    if (cell === null) return this.toNobody(kind, entry instanceof Slot ? entry : null, to, from, id, reason);
    switch (kind) {
      case control.exit:
        return kernel.exitSignal(cell, from, reason ?? "normal", false);
      case control.linkExit:
        if (linkEnded(kernel, cell, from, to)) kernel.exitSignal(cell, from, reason ?? "normal", true);
        return;
      case control.link:
        return linkedFrom(kernel, cell, from, entry instanceof Slot ? to : undefined);
      case control.unlink:
        cell.bonds?.links.delete(entry instanceof Slot ? viaKey(from, to) : bondKey(kernel, from));
        return home.carrier?.control(control.unlinked, fromSerial, to, 0, undefined);
      case control.unlinked:
        return confirmed(cell, entry instanceof Slot ? viaKey(from, to) : bondKey(kernel, from));
      case control.monitor:
        bondsOf(cell).watchers.set(`${home.host}/${home.vm}/${id}`, { watcher: from, id });
        return kernel.bind(cell, home);
      case control.demonitor:
        cell.bonds?.watchers.delete(`${home.host}/${home.vm}/${id}`);
        return;
      case control.down:
        if (cell.bonds?.monitors.get(id)?.home !== home) return;
        cell.bonds.monitors.delete(id);
        return kernel.down(cell, id, from, reason ?? "normal");
      case control.cancelCall:
        for (const call of CallMessage.of(cell)) if (call.isFrom(home, id)) call.forget();
    }
  }

  private toNobody(
    kind: ControlKind,
    slot: Slot | null,
    to: number,
    from: Address,
    id: number,
    reason: ExitReason | undefined,
  ): void {
    const { home } = this;
    const target = slot?.target ?? null;
    if (kind === control.exit && target !== null) this.kernel.relays.exit(target, reason ?? "normal");
    if (kind === control.linkExit || kind === control.unlink || kind === control.demonitor)
      this.toOrphan(kind, from, to, id, reason);
    if (kind === control.unlink) home.carrier?.control(control.unlinked, from.serial, to, 0, undefined);
    if (kind === control.link) home.carrier?.control(control.linkExit, from.serial, to, 0, "noproc");
    if (kind === control.cancelCall && slot !== null) cancelRelayed(this.kernel, home, id);
    if (kind !== control.monitor) return;
    if (target === null) home.carrier?.control(control.down, from.serial, to, id, "noproc");
    else this.kernel.relays.monitor(target, from, id, to);
  }

  /** A stable address that is no more, whose owner has ended: the one it led to may live on, with bonds made by that address. */
  private toOrphan(
    kind: ControlKind,
    from: Address,
    to: number,
    id: number,
    reason: ExitReason | undefined,
  ): void {
    const { kernel, home } = this;
    for (const cell of kernel.peers.boundTo(home)) {
      if (kind === control.demonitor) cell.bonds?.watchers.delete(`${home.host}/${home.vm}/${id}`);
      else if (cell.bonds?.links.has(viaKey(from, to)) !== true) continue;
      else if (kind === control.unlink) cell.bonds.links.delete(viaKey(from, to));
      else if (linkEnded(kernel, cell, from, to)) kernel.exitSignal(cell, from, reason ?? "normal", true);
    }
  }

  private answer(id: number, reason: ExitReason): void {
    this.home.carrier?.reply(id, false, { type: "exit", reason } satisfies CallFailure);
  }

  private watch(cell: Cell): void {
    if (cell.mailbox.count > limits.inboundBacklogMessagesMax) this.full = cell;
  }
}

function isFailure(value: unknown): value is CallFailure {
  if (typeof value !== "object" || value === null || !("type" in value) || !("reason" in value)) return false;
  return value.type === "exit" || value.type === "unknown_op" || value.type === "refused";
}
