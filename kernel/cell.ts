import type { Agenda } from "./agenda.ts";
import type { Behavior } from "./behavior.ts";
import type { Bonds } from "./bonds.ts";
import type { CallMessage } from "./call.ts";
import type { ExitReason } from "./exit.ts";
import type { Kernel } from "./kernel.ts";
import { limits } from "./limits.ts";
import { Mailbox, unused } from "./mailbox.ts";
import type { Message } from "./message.ts";
import type { AbortControl } from "./platform.ts";
import type { Receive } from "./receive.ts";
import { Address, type Home } from "./ref.ts";
import type { Slot } from "./slot.ts";
import { BLOCKED, DEAD, IDLE, READY, RUNNING } from "./status.ts";
import type { Starting } from "./start.ts";
import type { Timer } from "./timers.ts";
import type { Work } from "./work.ts";

/** Stands for one argument that waits in `state`. */
const inState: readonly unknown[] = Object.freeze([]);

/**
 * One actor's record: its state, its mailbox and where it stands. `step` is its turn on the vCPU. It handles one message at
 * a time, whatever the style of its handlers. What it may do to others is in `self.ts`, how it ends in `death.ts`.
 */
export class Cell {
  readonly kernel: Kernel;
  readonly behavior: Behavior;
  readonly ref: Address;
  /** Made with its first message: most of a crowd never get one. */
  mailbox: Mailbox = unused;
  readonly parent: Address | null;
  status: number = READY;
  nextReady: Cell | null = null;
  /** Arguments of an init that has not run yet. A single one, the usual, waits in `state`: the array need not live as long. */
  private args: readonly unknown[] | null;
  state: unknown = undefined;
  work: Work | null = null;
  /** What runs before its next message, if it ever asked for that. */
  agenda: Agenda | null = null;
  /** The call it handles, the message of a handler that goes on, or what its last receive took. */
  handling: Message | null = null;
  /** Messages it may still handle in this activation. */
  budget = 0;
  receiving: Receive | null = null;
  unanswered: CallMessage | null = null;
  /** Own calls without an answer. */
  callsOpen = 0;
  trapping = false;
  /** Set: ends with this reason as soon as the present handler is done. */
  stopping: ExitReason | null = null;
  /** Its last words have begun. */
  finishing = false;
  /** The carrier it has to wait for. */
  blockedOn: Home | null = null;
  bonds: Bonds | null = null;
  name: string | null = null;
  /** Where it stands in registries and groups. */
  claims: Set<{ release(cell: Cell): void }> | null = null;
  /** The stable address that leads here. */
  slot: Slot | null = null;
  /** The stable addresses it has made, for others. */
  slots: Set<Slot> | null = null;
  starting: Starting | null = null;
  abort: AbortControl | null = null;
  private timers: Set<Timer> | null = null;

  constructor(kernel: Kernel, behavior: Behavior, args: readonly unknown[], parent: Address | null) {
    this.kernel = kernel;
    this.behavior = behavior;
    this.parent = parent;
    if (args.length === 1) {
      this.args = inState;
      this.state = args[0];
    } else this.args = args;
    this.ref = new Address(kernel.home, 0, this);
  }

  /** One activation: some messages, one at a time, until it has none, waits, or its budget is used up. */
  step(): void {
    const { kernel, behavior } = this;
    this.status = RUNNING;
    this.budget = limits.messagesPerActivation;
    let message: Message | null = null;
    try {
      if (this.args !== null) behavior.begin(this);
      else if (this.work !== null || this.stopping !== null) this.goOn();
      // Only now: init may have had it made. From here on it stays the one it is.
      const { mailbox } = this;
      while (this.status === RUNNING && mailbox.count > 0 && this.budget-- > 0) {
        message = mailbox.take();
        behavior.handle(this, message);
      }
    } catch (thrown) {
      // It may have asked to come again; it does not stand in the run queue for that yet.
      if (this.status === READY) this.status = RUNNING;
      kernel.crashed(this, thrown, message);
      return;
    }
    // The usual end, first: a `stop` would have changed the status.
    if (this.status === RUNNING && this.mailbox.count === 0) {
      this.status = IDLE;
      return;
    }
    if (this.stopping !== null && (this.work === null || behavior.stopsAtWait)) {
      if (this.status === READY) this.status = RUNNING;
      return kernel.finish(this, this.stopping, message);
    }
    if (this.status === RUNNING) this.status = READY;
    if (this.status === READY) kernel.enqueue(this);
    else if (this.status === BLOCKED) kernel.park(this);
  }

  /** For `Behavior.begin`: the arguments of its init, once. */
  takeArgs(): readonly unknown[] {
    const args = this.args === inState ? [this.state] : (this.args ?? []);
    this.args = null;
    this.state = undefined;
    return args;
  }

  /** Its init has not run, and never will if it is to die. */
  get unbegun(): boolean {
    return this.args !== null;
  }

  /** Its own mailbox. */
  opened(): Mailbox {
    if (this.mailbox === unused) this.mailbox = new Mailbox(this.behavior.mailboxCapacity);
    return this.mailbox;
  }

  /** Goes on with work that a handler left behind: from here on no message is taken until it is done. */
  follow(work: Work): void {
    // Killed by what its own handler did: what the handler left behind dies with it.
    if (this.status === DEAD) return;
    this.work = work;
    work.resume(this);
  }

  /** The rest of a handler that waited. A stop that was asked for meanwhile comes before the next message. */
  private goOn(): void {
    if (this.stopping === null || !this.behavior.stopsAtWait) this.work?.resume(this);
    if (this.stopping !== null && this.status === RUNNING) this.status = IDLE;
  }

  /** It has sent into a congested carrier: no more messages for it until that has drained. */
  block(home: Home): void {
    this.blockedOn = home;
    if (this.status === RUNNING) this.status = BLOCKED;
  }

  /** Takes no message for now: it is looked at again with the next one, or when something that it waits for has come. */
  rest(): void {
    if (this.status === RUNNING) this.status = IDLE;
  }

  own(timer: Timer): void {
    this.timers ??= new Set();
    this.timers.add(timer);
  }

  disown(timer: Timer): void {
    this.timers?.delete(timer);
  }

  /** At death. */
  cancelTimers(): void {
    if (this.timers === null) return;
    const { timers } = this;
    this.timers = null;
    for (const timer of timers) {
      this.kernel.timers.cancel(timer);
      timer.dropped();
    }
  }
}
