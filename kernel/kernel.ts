import type { Behavior } from "./behavior.ts";
import { CallMessage, type PendingCall } from "./call.ts";
import type { Carrier } from "./carrier.ts";
import type { Cell } from "./cell.ts";
import { BLOCKED, DEAD, IDLE, READY, SUSPENDED, SUSPENDING, WAITING } from "./status.ts";
import { DeadLetters } from "./dead-letters.ts";
import { die, finish, reasonOf } from "./death.ts";
import { DownMessage, ExitMessage, type KernelEvent } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import { freeze } from "./freeze.ts";
import { Inbound } from "./inbound.ts";
import { limits } from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Message } from "./message.ts";
import { overflow } from "./overflow.ts";
import { Peers } from "./peers.ts";
import type { Platform } from "./platform.ts";
import { ProcessTable, type Entry } from "./process-table.ts";
import { Address, Home, refTo } from "./ref.ts";
import { Relays } from "./relays.ts";
import { Root } from "./root.ts";
import { RunQueue } from "./run-queue.ts";
import { ActorSelf } from "./actor-self.ts";
import type { SignalSink } from "./signal.ts";
import { Slot } from "./slot.ts";
import { resume } from "./suspension.ts";
import { Timers } from "./timers.ts";
import type { Traces } from "./trace.ts";

export interface KernelOptions {
  readonly host?: string;
  /** This VM's number, unique in the life of its host. */
  readonly vm: number;
  /** Deep-freezes what is sent within the VM, so that a shared message that is changed throws at once. Default: false. */
  readonly development?: boolean;
}

/**
 * The library OS of one VM: process table, run queue, signals, timers. A state machine: `turn` runs what is ready for one
 * slice and says when it next wants to wake. It never reads a clock, sets a timer or touches a socket: the platform does.
 */
export class Kernel {
  readonly platform: Platform;
  readonly home: Home;
  readonly timers: Timers = new Timers();
  /** Own actors' calls to other VMs, by id. */
  readonly calls: Map<number, PendingCall<unknown>> = new Map();
  readonly names: Map<string, Cell> = new Map();
  readonly deadLetters: DeadLetters = new DeadLetters();
  readonly peers: Peers = new Peers(this);
  readonly relays: Relays = new Relays(this);
  readonly root: Root = new Root(this);
  /** A promise of an actor was made or settled: its handler may go on as soon as the event loop has had its turn. */
  promisesMoved = false;
  /** The actor on the vCPU. */
  current: Cell | null = null;
  /** Deaths that are being told, the latest last. */
  readonly mourning: Generator<void, void, void>[] = [];
  /** What belongs to a definition (a registry, a scope of groups) in this VM. */
  private readonly tables = new Map<object, unknown>();
  private readonly table = new ProcessTable();
  private readonly runQueue = new RunQueue();
  readonly development: boolean;
  /** Whose signals are looked at; null: nobody's. */
  traces: Traces | null = null;
  /** In development, or somebody is traced: the one test of the send path for both. */
  private watching: boolean;
  private ids = 0;
  private turning = false;
  private pollEvery = 1;

  constructor(platform: Platform, options: KernelOptions) {
    this.platform = platform;
    this.home = new Home(options.host ?? "", options.vm);
    this.development = options.development ?? false;
    this.watching = this.development;
  }

  /**
   * Runs what is due and ready until nothing is, or `Platform.sliceOver` says so.
   * Returns when it wants the next turn, in ms of the platform's clock: 0 is at once, `Infinity` is when something comes in.
   */
  turn(): number {
    this.turning = true;
    // A clock costs more than a message: it is only read if there is something to be late for.
    if (this.timers.size > 0) this.timers.fire(this.platform.now());
    const { runQueue } = this;
    let untilPoll = this.pollEvery;
    for (let cell = runQueue.shift(); cell !== null; cell = runQueue.shift()) {
      if (cell.status === READY) {
        this.current = cell;
        cell.step();
      } else if (cell.status === SUSPENDING) cell.status = SUSPENDED;
      if (--untilPoll > 0) continue;
      if (this.platform.sliceOver()) {
        this.pollEvery = Math.max(1, this.pollEvery >> 2);
        break;
      }
      this.pollEvery = Math.min(limits.activationsPerPoll, this.pollEvery * 2);
      untilPoll = this.pollEvery;
    }
    this.current = null;
    if (this.deadLetters.waiting) this.deadLetters.flush((event) => this.report(event));
    this.turning = false;
    return runQueue.empty ? this.timers.nextAtMs : 0;
  }

  /** One message from an actor of this VM (`from`), to an actor anywhere. Throws what `Self.send` says. */
  post(from: Cell, to: Address, message: Message): void {
    const { cell } = to;
    if (cell === null) return this.postAway(from, to, message);
    if (this.watching) this.watch(from, cell, message);
    if (!cell.mailbox.put(message) && !cell.opened().put(message)) return overflow(cell, message);
    if (cell.status === IDLE) this.schedule(cell);
  }

  /** The way out of this VM; also the end of the way of what is sent to the dead. */
  postAway(from: Cell | null, to: Address, message: Message): void {
    if (to.home === this.home) {
      const entry = this.table.get(to.serial);
      const target = entry instanceof Slot ? entry.target : null;
      // An address of this VM that came back by message leads to the one object that knows the actor.
      if (target !== null)
        return target.cell === null
          ? this.postAway(from, target, message)
          : this.deliver(target.cell, message);
      if (entry?.ref.cell != null) return this.deliver(entry.ref.cell, message);
      return this.deadLetter(to, message, "noproc");
    }
    const carrier = this.carrierTo(to.home);
    if (carrier === undefined) return this.deadLetter(to, message, "noconnection");
    this.traces?.sent(from, to, message);
    carrier.message(to.serial, message);
    this.sent(from, to.home, carrier);
  }

  /** After something went into a carrier. A sender that runs ahead of it waits until it has drained. */
  sent(from: Cell | null, home: Home, carrier: Carrier): void {
    if (carrier.congested && from !== null) from.block(home);
    if (!this.turning) this.platform.wake();
  }

  /** Into the mailbox of a local actor; the policy of a full one is followed, and never throws at an innocent. */
  deliver(cell: Cell, message: Message): void {
    this.traces?.received(cell, null, message);
    if (!cell.opened().put(message)) {
      if (cell.behavior.overflow === "refuse") return this.deadLetter(cell.ref, message, "mailbox full");
      return overflow(cell, message);
    }
    if (cell.status === IDLE) this.schedule(cell);
  }

  deliverCall(cell: Cell, call: CallMessage): void {
    if (this.development) freeze(call.args);
    this.traces?.received(cell, call.from, call);
    call.enter(cell);
    if (cell.opened().put(call)) {
      if (cell.status === IDLE) this.schedule(cell);
    } else if (cell.behavior.overflow === "refuse") call.fail("refused", "mailbox_full");
    else overflow(cell, call);
  }

  /** Exit and down messages: never refused. */
  deliverAlways(cell: Cell, message: Message): void {
    this.traces?.received(cell, null, message);
    cell.opened().putAlways(message);
    if (cell.status === IDLE) this.schedule(cell);
  }

  /** It has something to do. */
  schedule(cell: Cell): void {
    if (cell.status !== IDLE && cell.status !== WAITING) return;
    cell.status = READY;
    this.runQueue.push(cell);
    if (!this.turning) this.platform.wake();
  }

  /** After a timer was set: between turns the platform has to learn of it. */
  rearm(): void {
    if (!this.turning) this.platform.wake();
  }

  /** Behind the others that are ready. The caller has set its status. */
  enqueue(cell: Cell): void {
    this.runQueue.push(cell);
  }

  park(cell: Cell): void {
    const { blockedOn } = cell;
    if (blockedOn?.carrier?.congested === true) this.peers.park(cell, blockedOn);
    else this.unpark(cell);
  }

  unpark(cell: Cell): void {
    if (cell.status === DEAD) return;
    cell.blockedOn = null;
    if (cell.status !== BLOCKED) return;
    cell.status = IDLE;
    this.schedule(cell);
  }

  /** Throws `TOO_MANY_ACTORS`. Its init runs in a turn, never on the stack of the one who spawns it. */
  spawn(behavior: Behavior, args: readonly unknown[], parent: Address | null): Cell {
    const cell = new ActorSelf(this, behavior, args, parent);
    cell.ref.serial = this.table.add(cell);
    this.runQueue.push(cell);
    if (!this.turning) this.platform.wake();
    return cell;
  }

  /** Throws `TOO_MANY_ACTORS`. It ends with its owner, however that one ends. */
  slot(owner: Cell): Slot {
    const slot = new Slot(this.home);
    slot.ref.serial = this.table.add(slot);
    owner.slots ??= new Set();
    owner.slots.add(slot);
    return slot;
  }

  removeSlot(owner: Cell, slot: Slot): void {
    if (owner.slots?.delete(slot) !== true) return;
    slot.lead(null);
    this.table.remove(slot.ref.serial);
  }

  entry(serial: number): Entry | undefined {
    return this.table.get(serial);
  }

  /** Who this address leads to: the one object of a live local actor, an address elsewhere, or null if it is dead. */
  resolve(address: Address): Address | null {
    if (address.cell !== null) return address.cell.ref;
    if (address.home !== this.home) return address;
    const entry = this.table.get(address.serial);
    if (entry instanceof Slot) return entry.target;
    return entry?.ref ?? null;
  }

  /** The address with this name in the world, as one of this VM's objects: what the codec makes of bytes. */
  address(host: string, vm: number, serial: number): Address {
    const home = this.peers.home(host, vm);
    return (home === this.home ? this.table.get(serial)?.ref : undefined) ?? new Address(home, serial, null);
  }

  /** Made at first use. */
  tableOf<T>(definition: object, make: () => T): T {
    let table = this.tables.get(definition);
    if (table === undefined) {
      table = make();
      this.tables.set(definition, table);
    }
    // Sound: each definition asks with one type only.
    return table as T;
  }

  nextId(): number {
    return ++this.ids;
  }

  carrierTo(home: Home): Carrier | undefined {
    return home.carrier ?? this.peers.carrierTo(home);
  }

  bind(cell: Cell, home: Home): void {
    this.peers.bind(cell, home);
  }

  /** What comes from `home` goes in here. The platform makes it the other end of that VM's carrier. */
  inbound(home: Home): SignalSink & { readonly saturated: boolean } {
    return new Inbound(this, home);
  }

  exitSignal(cell: Cell, from: Address, reason: ExitReason, linked: boolean): void {
    if (cell.status === DEAD) return;
    this.traces?.exitSignal(cell, from, reason);
    if (reason === "kill" && !linked) return die(cell, "killed");
    // An actor that is held hears of its parent's end all the same.
    if (cell.trapping && cell.parent !== null && isSame(cell.parent, from)) resume(cell);
    if (cell.trapping) return this.deliverAlways(cell, new ExitMessage(refTo(from), reason));
    if (reason !== "normal" || (!linked && isSame(cell.ref, from))) die(cell, reason);
  }

  /** The monitor `id` of `cell` fires. */
  down(cell: Cell, id: number, from: Address, reason: ExitReason): void {
    this.deliverAlways(cell, new DownMessage(id, refTo(from), reason));
  }

  /** `message`: what it was taking; null if it was in the middle of something. */
  crashed(cell: Cell, thrown: unknown, message: Message | null): void {
    finish(cell, reasonOf(thrown), message ?? cell.handling);
  }

  /** By its own doing: last words first. `message`: what it took last. */
  finish(cell: Cell, reason: ExitReason, message: Message | null): void {
    finish(cell, reason, message ?? cell.handling);
  }

  deadLetter(to: Address, message: Message, why: string): void {
    this.deadLetters.add(to, message, why);
    if (!this.turning) this.platform.wake();
  }

  observe(traces: Traces | null): void {
    this.traces = traces;
    this.watching = this.development || traces !== null;
  }

  private watch(from: Cell, to: Cell, message: Message): void {
    if (this.development) freeze(message);
    this.traces?.sent(from, to.ref, message);
    this.traces?.received(to, from.ref, message);
  }

  report(event: KernelEvent): void {
    this.platform.report(event);
  }

  /** At an actor's death: its name and its place are free. */
  forget(cell: Cell): void {
    this.table.remove(cell.ref.serial);
    if (cell.name !== null) this.names.delete(cell.name);
    if (cell.claims !== null) for (const table of cell.claims) table.release(cell);
    if (cell.bonds !== null) this.peers.unbind(cell);
    if (cell.blockedOn !== null) this.peers.unpark(cell, cell.blockedOn);
  }

  lost(mailbox: Mailbox, ref: Address): void {
    const oldest = mailbox.at(0);
    if (oldest !== undefined && !this.root.halted)
      this.deadLetters.add(ref, oldest, "died with it unread", mailbox.count);
  }

  /** After an actor's death. */
  ended(cell: Cell, reason: ExitReason): void {
    this.traces?.ended(cell, reason);
    this.root.ended(cell, reason);
  }

  *actors(): Generator<Cell, void, undefined> {
    for (const entry of this.table) if (!(entry instanceof Slot)) yield entry;
  }
}

const isSame = (a: Address, b: Address): boolean => a === b || (a.serial === b.serial && a.home === b.home);
