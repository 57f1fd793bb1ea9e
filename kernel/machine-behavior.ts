import { Behavior } from "./behavior.ts";
import { CallMessage } from "./call.ts";
import type { Cell } from "./cell.ts";
import { die, finish } from "./death.ts";
import { apply, endsWithParent, unhandled, type Fn, type Group } from "./dispatch.ts";
import { kernelError } from "./error-table.ts";
import type { ExitReason } from "./exit.ts";
import { Engine, InternalEvent, type AnyState, type Handlers } from "./machine-engine.ts";
import { TimeoutEvent } from "./machine-timers.ts";
import type { MailboxOptions } from "./mailbox.ts";
import { CastMessage, type Message } from "./message.ts";
import { ignore } from "./start.ts";
import { workOf } from "./work.ts";

interface StateProgram {
  readonly enter?: Fn;
  readonly call?: Group;
  readonly cast?: Group;
  readonly info?: Group;
  readonly internal?: Group;
  readonly stateTimeout?: Fn;
  readonly eventTimeout?: Fn;
  readonly timeout?: Group;
}

/** What `machine` is given, without its types. */
export interface MachineProgram {
  readonly label?: string;
  readonly mailbox?: MailboxOptions;
  readonly init: (self: unknown, ...args: readonly unknown[]) => unknown;
  readonly states: Readonly<Record<string, StateProgram>>;
  readonly any?: StateProgram;
  readonly format?: (state: unknown) => unknown;
  readonly terminate?: Fn;
}

/** What every machine of one definition shares: finds the handler of an event. The `Engine` of each is its cell's state. */
export class MachineBehavior extends Behavior implements Handlers {
  readonly stopsAtWait = false;
  readonly states: readonly string[];
  private readonly program: MachineProgram;

  constructor(program: MachineProgram) {
    super(program.label ?? "machine", program.mailbox, program.format);
    const given: unknown = program.states;
    if (typeof program.init !== "function" || typeof given !== "object" || given === null) {
      throw kernelError("BAD_OPTION", {
        what: "machine({ init, states })",
        expected: "a function that makes the first state, and an entry for each state",
        got: `${typeof program.init} and ${typeof given}`,
      });
    }
    this.program = program;
    this.states = Object.keys(given);
  }

  override begin(cell: Cell): void {
    const args = cell.takeArgs();
    cell.state = new Engine(cell, this);
    const result = this.program.init(cell, ...args);
    const work = workOf(cell, result, begun, undefined);
    if (work === null) begun(cell, result);
    else cell.follow(work);
  }

  override handle(cell: Cell, message: Message): void {
    if (!endsWithParent(cell, message)) engineOf(cell).take(message);
  }

  override lastWords(cell: Cell, reason: ExitReason): unknown {
    const { data } = engineOf(cell);
    return data === null ? undefined : this.program.terminate?.call(cell, data, reason);
  }

  override stateOf(cell: Cell): unknown {
    return cell.state instanceof Engine ? cell.state.data : undefined;
  }

  override replaceState(cell: Cell, state: unknown): void {
    // Sound: the engine refuses what is no state of it.
    engineOf(cell).replace(state as AnyState);
  }

  knows(state: string): boolean {
    return Object.hasOwn(this.program.states, state);
  }

  enter(cell: Cell, data: AnyState, from: string): unknown {
    return this.program.states[data.state]?.enter?.call(cell, data, from);
  }

  handleEvent(cell: Cell, data: AnyState, event: Message): unknown {
    const { states, any } = this.program;
    const handler = handlerOf(states[data.state], event) ?? handlerOf(any, event);
    if (handler === undefined) {
      if (event instanceof CallMessage) event.fail("unknown_op", event.op);
      else unhandled(cell, event);
      return undefined;
    }
    if (event instanceof CallMessage) return apply(handler, cell, data, event.args);
    if (event instanceof CastMessage) return apply(handler, cell, data, event.args);
    if (event instanceof InternalEvent || event instanceof TimeoutEvent) return handler.call(cell, data);
    return handler.call(cell, data, event);
  }
}

// Sound: `begin` makes it, before anything else can ask.
const engineOf = (cell: Cell): Engine => cell.state as Engine;

function handlerOf(state: StateProgram | undefined, event: Message): Fn | undefined {
  if (state === undefined) return undefined;
  if (event instanceof CallMessage) return own(state.call, event.op);
  if (event instanceof InternalEvent) return own(state.internal, event.event);
  if (!(event instanceof TimeoutEvent)) {
    return event instanceof CastMessage ? own(state.cast, event.op) : own(state.info, event.type);
  }
  const { key } = event.timer;
  if (key === "state") return state.stateTimeout;
  return key === "event" ? state.eventTimeout : own(state.timeout, key.slice("name:".length));
}

const own = (group: Group | undefined, name: string): Fn | undefined =>
  group !== undefined && Object.hasOwn(group, name) ? group[name] : undefined;

function begun(cell: Cell, data: unknown): void {
  if (data === ignore) return die(cell, "normal", true);
  if (cell.stopping !== null) return finish(cell, cell.stopping);
  const engine = engineOf(cell);
  // Sound: the engine refuses what is no state of it; then it has not started.
  const first = data as AnyState;
  engine.replace(first);
  cell.starting?.succeed({});
  engine.begin(first);
}
