import { actor } from "./actor.ts";
import { cellOf } from "./actor-self.ts";
import type { Definition } from "./behavior.ts";
import { reasonOf } from "./death.ts";
import type { ExitReason } from "./exit.ts";
import type { MailboxOptions } from "./mailbox.ts";
import type { Call, Cast } from "./message.ts";
import { addressOf, type Ref } from "./ref.ts";
import type { Self } from "./self.ts";
import type { Wait } from "./wait.ts";

/** What `handle` returns to be taken off its bus, without a fault (OTP: `remove_handler`). */
export const leave: unique symbol = Symbol("motes.leave");

export interface EventHandlerSpec<S, E, A extends readonly unknown[]> {
  /** For reports. Default: `handler`. */
  readonly label?: string;
  /** Makes its state, within the bus. */
  readonly init: (...args: A) => S;
  /** Sync, async or a generator; the bus goes on when it is done. */
  readonly handle: (state: NoInfer<S>, event: E) => unknown;
  /** Its last words: removed (`normal`), crashed, its adder or the bus has ended. Also after a crash of its own. */
  readonly terminate?: (state: NoInfer<S>, reason: ExitReason) => unknown;
}

interface Installed<E> {
  handle(event: E): unknown;
  terminate(reason: ExitReason): unknown;
}

/** A handler with its arguments, ready to be added to any number of buses of its VM. Made by `eventHandler`. */
export class EventHandler<in E> {
  readonly label: string;
  private readonly install: () => Installed<E>;

  constructor(label: string, install: () => Installed<E>) {
    this.label = label;
    this.install = install;
  }

  /** Runs its init. */
  begin(): Installed<E> {
    return this.install();
  }
}

/**
 * @example
 * const counts = eventHandler({ init: () => ({ n: 0 }), handle(state, _event: LogEvent) { state.n++; } });
 */
export function eventHandler<S, E, A extends readonly unknown[]>(
  spec: EventHandlerSpec<S, E, A>,
  ...args: A
): EventHandler<E> {
  const { label = "handler", init, handle, terminate } = spec;
  return new EventHandler(label, () => {
    const state = init(...args);
    return {
      handle: (event) => handle(state, event),
      terminate: (reason) => terminate?.(state, reason),
    };
  });
}

/** What the adder of a handler is told when it is gone for another reason than `remove` (OTP: `gen_event_EXIT`). */
export interface HandlerGone {
  readonly type: "handler_gone";
  readonly bus: Ref<never>;
  /** What `add` answered. */
  readonly handler: number;
  readonly label: string;
  readonly reason: ExitReason;
}

export type HandlerAdded =
  | { readonly type: "added"; readonly handler: number }
  /** Its init threw. */
  | { readonly type: "failed"; readonly reason: ExitReason };

export interface HandlerInfo {
  readonly handler: number;
  readonly label: string;
}

/** What a bus takes. */
export type EventsProtocol<E> =
  /** Everybody hears of it, in the order they were added; says nothing of when. */
  | Cast<"notify", [event: E]>
  /** As `notify`, and answers when all handlers are done with it. */
  | Call<"syncNotify", [event: E], void>
  /** With `adder`: it is told when the handler is gone, and its own end removes the handler. */
  | Call<"add", [handler: EventHandler<E>, adder?: Ref<HandlerGone> | undefined], HandlerAdded>
  /** False: it is not there any more. */
  | Call<"remove", [handler: number], boolean>
  | Call<"handlers", [], readonly HandlerInfo[]>;

export interface EventsOptions {
  /** Default: `events`. */
  readonly label?: string;
  readonly mailbox?: MailboxOptions;
}

type Steps<T> = Generator<Wait<unknown>, T, unknown>;

interface Entry<E> extends HandlerInfo {
  readonly installed: Installed<E>;
  readonly adder: Ref<HandlerGone> | undefined;
  readonly monitor: number;
}

interface Bus<E> {
  readonly self: Self<never>;
  readonly entries: Map<number, Entry<E>>;
  added: number;
}

/**
 * A bus: many handlers in one actor, each told of every event (OTP: `gen_event`). A handler that crashes is removed, reported,
 * and its adder told; the bus and the other handlers go on. Handlers are functions: they are added within the bus's own VM.
 *
 * @example
 * const bus = self.spawn(events<LogEvent>());
 * yield* self.call(bus, "add", counts, self.ref);
 * self.cast(bus, "notify", { type: "line", text: "hello" });
 */
export function events<E>(options: EventsOptions = {}): Definition<[], EventsProtocol<E>> {
  const made = actor({
    label: options.label ?? "events",
    ...(options.mailbox === undefined ? {} : { mailbox: options.mailbox }),
    init(self): Bus<E> {
      self.trapExits();
      return { self, entries: new Map(), added: 0 };
    },
    call: {
      *syncNotify(state, event: E): Steps<void> {
        yield* tellAll(state, event);
      },
      add(state, handler: EventHandler<E>, adder?: Ref<HandlerGone> | undefined): HandlerAdded {
        let installed: Installed<E>;
        try {
          installed = handler.begin();
        } catch (thrown) {
          return { type: "failed", reason: reasonOf(thrown) };
        }
        const id = ++state.added;
        const monitor = adder === undefined ? 0 : this.monitor(adder);
        state.entries.set(id, { handler: id, label: handler.label, installed, adder, monitor });
        return { type: "added", handler: id };
      },
      *remove(state, handler: number): Steps<boolean> {
        const entry = state.entries.get(handler);
        if (entry === undefined) return false;
        if (entry.adder !== undefined) this.demonitor(entry.monitor);
        yield* remove(state, entry, "normal");
        return true;
      },
      handlers: (state): readonly HandlerInfo[] =>
        Array.from(state.entries.values(), ({ handler, label }) => ({ handler, label })),
    },
    cast: {
      *notify(state, event: E): Steps<void> {
        yield* tellAll(state, event);
      },
    },
    info: {
      // Its parent's ends it before it comes here; others are no concern of its handlers.
      exit() {},
      *down(state, { monitor, reason }): Steps<void> {
        for (const entry of state.entries.values())
          if (entry.monitor === monitor) yield* remove(state, entry, reason);
      },
    },
    *terminate(state, reason): Steps<void> {
      for (const entry of state.entries.values()) {
        yield* remove(state, entry, reason);
        tellAdder(state, entry, reason);
      }
    },
  });
  return made;
}

function* tellAll<E>(bus: Bus<E>, event: E): Steps<void> {
  // A Map may shrink while it is walked, and nothing is added meanwhile.
  for (const entry of bus.entries.values()) {
    try {
      const result = yield* outcome(bus, entry.installed.handle(event));
      if (result !== leave) continue;
      yield* remove(bus, entry, "normal");
      tellAdder(bus, entry, "normal");
    } catch (thrown) {
      const reason = reasonOf(thrown);
      report(bus, "handler_crashed", entry, reason);
      yield* remove(bus, entry, reason);
      tellAdder(bus, entry, reason);
    }
  }
}

function* remove<E>(bus: Bus<E>, entry: Entry<E>, reason: ExitReason): Steps<void> {
  bus.entries.delete(entry.handler);
  try {
    yield* outcome(bus, entry.installed.terminate(reason));
  } catch (thrown) {
    report(bus, "handler_terminate_crashed", entry, reasonOf(thrown));
  }
}

/** What a handler comes to, in whatever style it is written. */
function* outcome<E>({ self }: Bus<E>, result: unknown): Steps<unknown> {
  if (typeof result !== "object" || result === null) return result;
  // Sound: an object with a `then` method is what `PromiseLike` means.
  if ("then" in result && typeof result.then === "function")
    return yield* self.until(result as PromiseLike<unknown>);
  // Sound: a handler's generator yields waits, or the kernel refuses what it yields.
  return isGenerator(result) ? yield* result as Steps<unknown> : result;
}

const isGenerator = (value: object): boolean =>
  Object.prototype.toString.call(value) === "[object Generator]";

function tellAdder<E>({ self }: Bus<E>, entry: Entry<E>, reason: ExitReason): void {
  const { adder, handler, label, monitor } = entry;
  if (adder === undefined) return;
  self.demonitor(monitor);
  const message: HandlerGone = { type: "handler_gone", bus: self.ref, handler, label, reason };
  try {
    self.send(adder, message);
  } catch {
    // Its mailbox is full: that is no fault of the bus.
    cellOf(self).kernel.deadLetter(addressOf(adder), message, "refused");
  }
}

function report<E>({ self }: Bus<E>, what: string, { label }: Entry<E>, reason: ExitReason): void {
  const { kernel, ref } = cellOf(self);
  kernel.report({ type: "supervisor", supervisor: ref.toString(), child: label, report: what, reason });
}
