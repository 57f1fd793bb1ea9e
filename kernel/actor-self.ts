import { behaviorOf } from "./behavior.ts";
import { demonitor, link, monitor, unlink } from "./bonds.ts";
import { BootWait } from "./boot.ts";
import { LocalCall, PendingCall } from "./call.ts";
import type { Cell } from "./cell.ts";
import { ServerCell } from "./server-cell.ts";
import { DEAD, IDLE, RUNNING } from "./status.ts";
import { ExitThrown } from "./death.ts";
import { kernelError } from "./error-table.ts";
import { DownMessage } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import { hostSerial, hostVm, type BootRequest, type HostProtocol } from "./host.ts";
import { limits } from "./limits.ts";
import { CastMessage, type Message } from "./message.ts";
import type { Name } from "./name.ts";
import { Receive, type Pattern } from "./receive.ts";
import { addressOf, refTo, type Address, type Ref } from "./ref.ts";
import type { BootOptions, Self, TimerRef } from "./self.ts";
import { control } from "./signal.ts";
import { StartWait } from "./start.ts";
import { Timer } from "./timers.ts";
import type { AnyUnikernel } from "./unikernel.ts";
import { Signalled, Sleep, Until, type Wait } from "./wait.ts";

/** Ends the actor at once with this reason, from anywhere in its code (OTP: `exit/1`). */
export function exit(reason: ExitReason): never {
  throw new ExitThrown(reason);
}

/** The record of an actor with what it can do: one object an actor. */
export class ActorSelf extends ServerCell {
  private receiver: Receive | null = null;

  get signal(): AbortSignal {
    this.abort ??= this.kernel.platform.abortController();
    if (this.status === DEAD) this.abort.abort("noproc");
    return this.abort.signal;
  }

  now(): number {
    return this.kernel.platform.now();
  }

  random(): number {
    return this.kernel.platform.random();
  }

  send(to: Ref<never>, message: Message): void {
    if (this.status === DEAD) return this.kernel.deadLetter(addressOf(to), message, "its sender has ended");
    this.kernel.post(this, addressOf(to), message);
  }

  cast(to: Ref<never>, op: string, ...args: readonly unknown[]): void {
    this.send(to, new CastMessage(op, args));
  }

  call(to: Ref<never>, op: string, ...args: readonly unknown[]): PendingCall<unknown> {
    return this.ask(limits.callTimeoutMs, to, op, args);
  }

  callWithin(
    timeoutMs: number,
    to: Ref<never>,
    op: string,
    ...args: readonly unknown[]
  ): PendingCall<unknown> {
    return this.ask(timeoutMs, to, op, args);
  }

  sendAfter(delayMs: number, to: Ref<never>, message: Message): TimerRef {
    const timer = new SendLater(this, addressOf(to), message);
    if (this.status === DEAD) return timer;
    this.own(timer);
    this.kernel.timers.set(timer, this.now(), delayMs);
    this.kernel.rearm();
    return timer;
  }

  cancel(timer: TimerRef): boolean {
    if (!(timer instanceof Timer)) return false;
    this.disown(timer);
    return this.kernel.timers.cancel(timer);
  }

  receive(...wanted: readonly unknown[]): Receive {
    this.mustLive();
    this.receiver ??= new Receive(this);
    const [first, timeoutMs] = wanted;
    if (typeof first === "object")
      return this.receiver.start(first as Pattern, (timeoutMs as number | undefined) ?? Infinity);
    return this.receiver.start(wanted as readonly string[], Infinity);
  }

  sleep(durationMs: number): Wait<void> {
    this.mustLive();
    return new Sleep(this, durationMs);
  }

  until<T>(promise: PromiseLike<T>): Wait<T> {
    return new Until(this, promise);
  }

  drained(to: Ref<never>): Wait<void> {
    this.mustLive();
    const { home } = addressOf(to);
    const wait = new Signalled(this);
    if (home.carrier?.congested === true) this.kernel.peers.whenDrained(home, wait);
    else wait.fire();
    return wait;
  }

  spawn(definition: unknown, ...args: readonly unknown[]): Ref<never> {
    return refTo(this.make(definition, args).ref);
  }

  spawnLink(definition: unknown, ...args: readonly unknown[]): Ref<never> {
    const { ref } = this.make(definition, args);
    link(this.kernel, this, ref);
    return refTo(ref);
  }

  spawnMonitor(definition: unknown, ...args: readonly unknown[]): { ref: Ref<never>; monitor: number } {
    const { ref } = this.make(definition, args);
    return { ref: refTo(ref), monitor: monitor(this.kernel, this, ref) };
  }

  start(definition: unknown, ...args: readonly unknown[]): StartWait {
    const child = this.make(definition, args);
    link(this.kernel, this, child.ref);
    return new StartWait(this, child);
  }

  get host(): Ref<HostProtocol> {
    return refTo(this.kernel.address("", hostVm, hostSerial));
  }

  boot(program: AnyUnikernel, args: readonly unknown[], options: BootOptions = {}): BootWait {
    const host = addressOf(this.host);
    const wait = new BootWait(this, host, program.name);
    const request: BootRequest = { entry: program.name, args, ...program.options, ...options };
    this.deliverAsk(wait, host, [request]);
    return wait;
  }

  ready(info: object = {}): void {
    this.starting?.succeed(info);
  }

  link(to: Ref<never>): void {
    if (this.status !== DEAD) link(this.kernel, this, addressOf(to));
  }

  unlink(to: Ref<never>): void {
    unlink(this.kernel, this, addressOf(to));
  }

  monitor(to: Ref<never>): number {
    this.mustLive();
    return monitor(this.kernel, this, addressOf(to));
  }

  demonitor(id: number): boolean {
    if (demonitor(this, id)) return true;
    for (let i = 0, message = this.mailbox.at(0); message !== undefined; message = this.mailbox.at(++i)) {
      if (!(message instanceof DownMessage) || message.monitor !== id) continue;
      this.mailbox.removeAt(i);
      this.receiving?.removed(i);
      break;
    }
    return false;
  }

  trapExits(on = true): void {
    this.trapping = on;
  }

  exit(to: Ref<never>, reason: ExitReason): void {
    if (this.status === DEAD) return;
    const { kernel } = this;
    const target = kernel.resolve(addressOf(to));
    if (target === null) return;
    if (target.cell !== null) return kernel.exitSignal(target.cell, this.ref, reason, false);
    const carrier = kernel.carrierTo(target.home);
    if (carrier === undefined) return;
    carrier.control(control.exit, target.serial, this.ref.serial, 0, reason);
    kernel.sent(this, target.home, carrier);
  }

  stop(reason: ExitReason = "normal"): void {
    if (this.status === DEAD) return;
    this.stopping = reason;
    if (this.status === RUNNING) this.status = IDLE;
    // Said in one of its own promises or callbacks: what runs there now is finished first.
    else this.kernel.schedule(this);
  }

  register(name: Name<never>): void {
    this.mustLive();
    const { names } = this.kernel;
    const holder = names.get(name.text);
    if (holder !== undefined && holder !== this) {
      throw kernelError("NAME_TAKEN", { name: name.text, holder: holder.ref.toString() });
    }
    if (this.name !== null) names.delete(this.name);
    this.name = name.text;
    names.set(name.text, this);
  }

  unregister(name: Name<never>): void {
    const { names } = this.kernel;
    const holder = names.get(name.text);
    if (holder === undefined) return;
    holder.name = null;
    names.delete(name.text);
  }

  whereis(name: Name<never>): Ref<never> | undefined {
    const holder = this.kernel.names.get(name.text);
    return holder === undefined ? undefined : refTo(holder.ref);
  }

  private ask(timeoutMs: number, to: Ref<never>, op: string, args: readonly unknown[]): PendingCall<unknown> {
    this.mustLive();
    const target = this.kernel.resolve(addressOf(to));
    const pending = new PendingCall<unknown>(this, target ?? addressOf(to), op, timeoutMs);
    this.deliverAsk(pending, target, args);
    return pending;
  }

  private deliverAsk(pending: PendingCall<unknown>, target: Address | null, args: readonly unknown[]): void {
    const { kernel } = this;
    const { op } = pending;
    if (target === null) pending.fail({ type: "exit", reason: "noproc" });
    else if (target === this.ref)
      pending.failWith(kernelError("CALL_SELF", { callee: target.toString(), op }));
    else if (target.cell !== null) {
      const call = new LocalCall(pending, args);
      kernel.traces?.sent(this, target, call);
      kernel.deliverCall(target.cell, call);
    } else this.askAway(pending, target, args);
  }

  private askAway(pending: PendingCall<unknown>, target: Address, args: readonly unknown[]): void {
    const { kernel } = this;
    const carrier = kernel.carrierTo(target.home);
    if (carrier === undefined) return pending.fail({ type: "exit", reason: "noconnection" });
    kernel.calls.set(pending.id, pending);
    kernel.traces?.sent(this, target, { type: "$call", op: pending.op, args } as Message);
    try {
      carrier.call(target.serial, this.ref.serial, pending.id, pending.op, args);
    } catch (refused) {
      pending.failWith(refused);
      return;
    }
    kernel.sent(this, target.home, carrier);
  }

  private make(definition: unknown, args: readonly unknown[]): Cell {
    this.mustLive();
    return this.kernel.spawn(behaviorOf(definition), args, this.ref);
  }

  private mustLive(): void {
    if (this.status === DEAD) throw kernelError("ACTOR_DEAD", { actor: this.ref.toString() });
  }
}

class SendLater extends Timer implements TimerRef {
  private readonly sender: ActorSelf;
  private readonly to: Address;
  private readonly message: Message;

  constructor(sender: ActorSelf, to: Address, message: Message) {
    super();
    this.sender = sender;
    this.to = to;
    this.message = message;
  }

  override expired(): void {
    this.sender.disown(this);
    try {
      this.sender.send(refTo(this.to), this.message);
    } catch {
      // A full mailbox: nobody is there to hear a refusal of what was sent long ago.
      this.sender.kernel.deadLetter(this.to, this.message, "refused");
    }
  }
}

/** Sound: `ActorSelf` is the one implementation, its methods take what the typed ones take. */
export const selfOf = <M>(cell: Cell): Self<M> => cell as unknown as Self<M>;

/** Sound: nobody but `selfOf` makes one. For behaviours that need the kernel itself: a supervisor's slots and reports. */
export const cellOf = <M>(self: Self<M>): Cell => self as unknown as Cell;
