import { CallMessage } from "./call.ts";
import { noreply, type Later } from "./caller.ts";
import type { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import { MachineTimers, TimeoutEvent, type TimeoutKey } from "./machine-timers.ts";
import type { Message } from "./message.ts";
import { READY, RUNNING } from "./status.ts";
import { workOf, type Work } from "./work.ts";

/** What a machine is in: the name of its state, and its data beside it. */
export interface AnyState {
  readonly state: string;
}

/** An event of its own. */
export class InternalEvent implements Message {
  readonly type: string;
  readonly event: string;

  constructor(event: string) {
    this.type = `internal ${event}`;
    this.event = event;
  }
}

/** The handlers that an engine runs. Each gives back what its handler gave back, `unhandled` if there is none. */
export interface Handlers {
  knows(state: string): boolean;
  readonly states: readonly string[];
  enter(cell: Cell, data: AnyState, from: string): unknown;
  handleEvent(cell: Cell, data: AnyState, event: Message): unknown;
}

/** What the present handler has asked for. */
class Transition {
  /** Null within init and enter. */
  readonly event: Message | null;
  next: AnyState | null = null;
  repeat = false;
  postpone = false;

  constructor(event: Message | null) {
    this.event = event;
  }
}

/**
 * One machine at work: its data, the events that come before its mailbox, and the transition it is in. When a handler is done:
 * reply, enter, postpone, retry what was postponed if the state changed, own events in front, time-outs; then the next event.
 *
 * Semantics: OTP `gen_statem`, "Transition actions" and the order of its documentation.
 */
export class Engine implements Work {
  /** Null until init has made it. */
  data: AnyState | null = null;
  private readonly cell: Cell;
  private readonly handlers: Handlers;
  private readonly timers: MachineTimers;
  private readonly queue: Message[] = [];
  /** Oldest first. */
  private readonly postponed: Message[] = [];
  private readonly raised: Message[] = [];
  private readonly timeouts: [TimeoutKey, number][] = [];
  private transition: Transition | null = new Transition(null);

  constructor(cell: Cell, handlers: Handlers) {
    this.cell = cell;
    this.handlers = handlers;
    this.timers = new MachineTimers(cell);
  }

  to(next: AnyState): void {
    const transition = this.asked("to");
    this.mustKnow(next);
    if (transition.event === null && next.state !== this.data?.state) throw this.refused("to another state");
    if (transition.event === null) this.data = next;
    else transition.next = next;
  }

  repeat(): void {
    const transition = this.asked("repeat");
    if (transition.event === null) throw this.refused("repeat");
    transition.repeat = true;
  }

  postpone(): Later<never> {
    const transition = this.asked("postpone");
    if (transition.event === null) throw this.refused("postpone");
    transition.postpone = true;
    // Sound: the brand is type level only.
    return noreply as Later<never>;
  }

  raise(event: string): void {
    const transition = this.asked("raise");
    if (transition.event === null && this.data !== null) throw this.refused("raise");
    this.raised.push(new InternalEvent(event));
  }

  setTimeout(key: TimeoutKey, timeoutMs: number): void {
    this.asked("a time-out");
    if (!(timeoutMs >= 0)) {
      throw kernelError("BAD_OPTION", { what: key, expected: "0 or more ms", got: String(timeoutMs) });
    }
    this.timeouts.push([key, timeoutMs]);
  }

  /** With what init has made, which `replace` has taken. */
  begin({ state }: AnyState): void {
    if (this.enter(state, true, new Transition(null))) this.resume(this.cell);
  }

  /** Throws `UNKNOWN_STATE`. */
  replace(data: AnyState): void {
    this.mustKnow(data);
    this.data = data;
  }

  /** A message from the mailbox: there is nothing in the queue. */
  take(message: Message): void {
    if (message instanceof TimeoutEvent && !this.timers.takes(message)) return;
    if (this.process(message)) this.resume(this.cell);
  }

  /** All that comes before the next message. */
  resume(cell: Cell): void {
    cell.work = null;
    while (cell.stopping === null) {
      if (cell.status !== RUNNING || cell.budget <= 0) return this.pause(cell);
      const event = this.queue.shift() ?? this.dueTimeout();
      if (event === undefined) return;
      cell.budget--;
      if (!this.process(event)) return;
    }
  }

  /** Behind the others that are ready, or until a congested carrier has drained. */
  private pause(cell: Cell): void {
    cell.work = this;
    if (cell.status === RUNNING) cell.status = READY;
  }

  private dueTimeout(): Message | undefined {
    const event = this.timers.due();
    if (event !== undefined) this.timers.takes(event);
    return event;
  }

  /** False: it goes on later, and with it all that follows. */
  private process(event: Message): boolean {
    const { cell } = this;
    const transition = new Transition(event);
    this.transition = transition;
    cell.handling = event;
    // Sound: init is done when the first event is processed.
    const result = this.handlers.handleEvent(cell, this.data as AnyState, event);
    const work = workOf(cell, result, handled, transition);
    if (work === null) return this.handled(transition, result);
    cell.follow(work);
    return false;
  }

  /** For `handled` below. */
  handledLater(transition: Transition, value: unknown): void {
    if (this.handled(transition, value)) this.resume(this.cell);
  }

  enteredLater(step: Entering): void {
    if (this.entered(step)) this.resume(this.cell);
  }

  private handled(transition: Transition, value: unknown): boolean {
    const { event, next, postpone, repeat } = transition;
    if (event instanceof CallMessage && !postpone && value !== noreply) event.reply(value);
    const { cell, data } = this;
    cell.handling = null;
    this.transition = null;
    if (cell.stopping !== null || data === null) return true;
    const changed = next !== null && next.state !== data.state;
    if (next !== null) this.data = next;
    if (changed || repeat) return this.enter(data.state, changed, transition);
    return this.entered({ changed, transition });
  }

  private enter(from: string, changed: boolean, transition: Transition): boolean {
    const { cell } = this;
    const step = { changed, transition };
    this.transition = new Transition(null);
    const result = this.handlers.enter(cell, this.data as AnyState, from);
    const work = workOf(cell, result, enteredLater, step);
    if (work === null) return this.entered(step);
    cell.follow(work);
    return false;
  }

  private entered({ changed, transition }: Entering): boolean {
    const { queue, postponed, raised, timers, timeouts } = this;
    this.transition = null;
    if (transition.postpone && transition.event !== null) postponed.push(transition.event);
    timers.cancel("event");
    if (changed) {
      timers.cancel("state");
      queue.unshift(...postponed.splice(0));
    }
    queue.unshift(...raised.splice(0));
    for (const [key, timeoutMs] of timeouts.splice(0)) timers.set(key, timeoutMs);
    return true;
  }

  private asked(what: string): Transition {
    if (this.transition === null) throw this.refused(what);
    return this.transition;
  }

  private refused(what: string): Error {
    const where = this.transition === null ? "outside of a handler" : "in init or enter";
    return kernelError("BAD_TRANSITION", { actor: this.cell.ref.toString(), what, where });
  }

  private mustKnow(data: AnyState): void {
    const { handlers, cell } = this;
    // What a JavaScript caller gives may be anything.
    const state: unknown = (data as AnyState | null | undefined)?.state;
    if (typeof state === "string" && handlers.knows(state)) return;
    throw kernelError("UNKNOWN_STATE", {
      actor: `${cell.behavior.label} ${cell.ref.toString()}`,
      state: String(state),
      states: handlers.states,
    });
  }
}

interface Entering {
  readonly changed: boolean;
  readonly transition: Transition;
}

// Sound: these are begun for nothing but a machine's own work, with these subjects.
function handled(cell: Cell, value: unknown, transition: unknown): void {
  (cell.state as Engine).handledLater(transition as Transition, value);
}

function enteredLater(cell: Cell, _value: unknown, step: unknown): void {
  (cell.state as Engine).enteredLater(step as Entering);
}
