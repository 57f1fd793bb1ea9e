import { Behavior, type Definition } from "./behavior.ts";
import { apply, endsWithParent, unhandled, type Fn, type Group } from "./dispatch.ts";
import { CallMessage } from "./call.ts";
import type { Cell } from "./cell.ts";
import { die, finish } from "./death.ts";
import { kernelError } from "./error-table.ts";
import type { Down, Exit } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import type { MailboxOptions } from "./mailbox.ts";
import { noreply } from "./caller.ts";
import type { CallsOf, CastsOf, Given, Handler, Info, InfosOf } from "./handlers.ts";
import type { CastMessage, Message } from "./message.ts";
import type { ServerSelf } from "./server-self.ts";
import { ignore } from "./start.ts";
import { answerReserved, type Successor, type Succession } from "./succession.ts";
import type { Wait } from "./wait.ts";
import { workOf } from "./work.ts";

/** The protocol that an actor's handlers make. */
export type ActorProtocol<C, K, I> = CallsOf<Given<C>> | CastsOf<Given<K>> | InfosOf<Given<I>>;

/** An init may take its time: sync, async and generator inits make the same state, or choose not to start. */
type Initial<S> =
  | S
  | typeof ignore
  | PromiseLike<S | typeof ignore>
  | Generator<Wait<unknown>, S | typeof ignore, unknown>;

export interface ActorSpec<S, P, A extends readonly unknown[], C, K, I, H = unknown>
  extends Succession<S, H> {
  /** For logs and crash reports. Default: `actor`. */
  readonly label?: string;
  readonly mailbox?: MailboxOptions;
  /**
   * Makes the state. Must come first in the literal: the handlers' types follow from it. What it throws is a failed start.
   * To use `self.ref`, annotate `self` with the part of the own protocol that is to be handed out: `(self: Self<Pong>) => ...`
   */
  readonly init: (self: ServerSelf<P>, ...args: A) => Initial<S>;
  /** Named operations with a reply: what the handler returns, or the promise or generator it returns comes to. */
  readonly call?: C;
  readonly cast?: K;
  /** Plain messages, by their type; `exit` and `down` are the kernel's. One without a handler is reported, not fatal. */
  readonly info?: I & SignalHandlers<S>;
  /** When no message came for as long as `this.timeoutAfter` said. */
  readonly timeout?: (state: NoInfer<S>) => unknown;
  /** What of its state a crash report and `sys` may show, also outside of development (OTP: `format_status`). */
  readonly format?: (state: NoInfer<S>) => unknown;
  /** Its last words, after `stop`, a crash, or its parent's exit when it traps exits. Not after `kill`, nor a failed init. */
  readonly terminate?: (state: NoInfer<S>, reason: ExitReason) => unknown;
}

interface SignalHandlers<S> {
  readonly exit?: (state: NoInfer<S>, message: Exit) => unknown;
  readonly down?: (state: NoInfer<S>, message: Down) => unknown;
}

/** What the annotation of `self` promises must be covered by the handlers; else this is no definition, and says why. */
type Covered<P, M, D> = [P] extends [M]
  ? D
  : { readonly "self is annotated with messages that no handler takes": Exclude<P, M> };

/**
 * An actor as a server: state, and handlers that take one message at a time (OTP: `gen_server`). Handlers are sync (fastest),
 * async or generators; `this` is the actor's `ServerSelf`, so use method syntax where one is needed.
 *
 * @example
 * const counter = actor({
 *   init: (_self, start: number) => ({ n: start }),
 *   call: { get: (state) => state.n, add: (state, by: number) => (state.n += by) },
 *   cast: { reset: (state) => { state.n = 0; } },
 * });
 */
export function actor<
  S,
  A extends readonly unknown[],
  C extends Record<string, Handler<S>>,
  K extends Record<string, Handler<S>>,
  I extends Record<string, Info<S>>,
  H,
>(
  spec: ActorSpec<S, never, A, C, K, I, H> & ThisType<ServerSelf<never>>,
): Definition<A, ActorProtocol<C, K, I>, object>;
// No default for P, and the check in the result: either would keep the handlers' types from being inferred.
export function actor<
  S,
  A extends readonly unknown[],
  C extends Record<string, Handler<S>>,
  K extends Record<string, Handler<S>>,
  I extends Record<string, Info<S>>,
  P,
  H,
>(
  spec: ActorSpec<S, P, A, C, K, I, H> & ThisType<ServerSelf<P>>,
): Covered<P, ActorProtocol<C, K, I>, Definition<A, ActorProtocol<C, K, I>, object>>;
export function actor(spec: unknown): unknown {
  // Sound: from here on only the kernel calls these functions, with what the types above made callers give.
  return new ActorBehavior(spec as Spec);
}

interface Spec {
  readonly label?: string;
  readonly mailbox?: MailboxOptions;
  readonly init: (self: unknown, ...args: readonly unknown[]) => unknown;
  readonly call?: Group;
  readonly cast?: Group;
  readonly info?: Group;
  readonly timeout?: Fn;
  readonly format?: (state: unknown) => unknown;
  readonly terminate?: (this: unknown, state: unknown, reason: ExitReason) => unknown;
  readonly version?: number;
  readonly health?: Fn;
  readonly handoff?: Fn;
  readonly adopt?: Fn;
}

class ActorBehavior extends Behavior {
  readonly stopsAtWait = false;
  override readonly answersProbes = true;
  private readonly init: Spec["init"];
  private readonly calls: ReadonlyMap<string, Fn>;
  private readonly casts: ReadonlyMap<string, Fn>;
  private readonly infos: ReadonlyMap<string, Fn>;
  private readonly onTimeout: Spec["timeout"];
  private readonly terminate: Spec["terminate"];
  private readonly successor: Successor;
  /** The handler of the last plain message: most actors get one type again and again. */
  private lastType = "";
  private lastHandler: Fn | undefined = undefined;

  constructor(spec: Spec) {
    super(spec.label ?? "actor", spec.mailbox, spec.format);
    if (typeof spec.init !== "function") {
      throw kernelError("BAD_OPTION", {
        what: "actor({ init })",
        expected: "a function that makes the state",
        got: typeof spec.init,
      });
    }
    this.init = spec.init;
    this.calls = new Map(Object.entries(spec.call ?? {}));
    this.casts = new Map(Object.entries(spec.cast ?? {}));
    this.infos = new Map(Object.entries(spec.info ?? {}));
    this.onTimeout = spec.timeout;
    this.terminate = spec.terminate;
    const { version = 0, health, handoff, adopt } = spec;
    const operations = [this.calls, this.casts, this.infos].map((group) => [...group.keys()]);
    this.successor = { operations, version, health, handoff, adopt };
  }

  override begin(cell: Cell): void {
    const args = cell.takeArgs();
    cell.state = unborn;
    const { init } = this;
    const result = args.length === 0 ? init(cell) : init(cell, ...args);
    const work = workOf(cell, result, begun, undefined);
    if (work === null) begun(cell, result);
    else cell.follow(work);
  }

  override handle(cell: Cell, message: Message): void {
    const { type } = message;
    // The hot path: one comparison. `lastType` is never one of the kernel's own types.
    const handler = type === this.lastType ? this.lastHandler : this.find(cell, message);
    if (handler === undefined) return;
    const result = handler.call(cell, cell.state, message);
    if (result !== undefined) follow(cell, result, message);
  }

  override stateOf(cell: Cell): unknown {
    return cell.state === unborn ? undefined : cell.state;
  }

  override timeout(cell: Cell): unknown {
    return this.onTimeout?.call(cell, cell.state);
  }

  override lastWords(cell: Cell, reason: ExitReason): unknown {
    // An init that failed has made nothing to clean up.
    return cell.state === unborn ? undefined : this.terminate?.call(cell, cell.state, reason);
  }

  /** The handler of a plain message; undefined if there is nothing left to do for this message. */
  private find(cell: Cell, message: Message): Fn | undefined {
    const { type } = message;
    if (type === "$call") this.answer(cell, message);
    else if (type === "$cast") this.perform(cell, message);
    else if (type === "exit" || type === "down") return this.signalled(cell, message);
    else {
      const handler = this.infos.get(type);
      if (handler === undefined) unhandled(cell, message);
      else {
        this.lastType = type;
        this.lastHandler = handler;
      }
      return handler;
    }
    return undefined;
  }

  private signalled(cell: Cell, message: Message): Fn | undefined {
    if (endsWithParent(cell, message)) return undefined;
    const handler = this.infos.get(message.type);
    if (handler === undefined) unhandled(cell, message);
    return handler;
  }

  private answer(cell: Cell, message: Message): void {
    // A program cannot make this type: `$call` is ours. From a hostile VM it would not be one.
    if (!(message instanceof CallMessage)) return unhandled(cell, message);
    const handler = this.calls.get(message.op);
    if (handler === undefined) return answerReserved(cell, message, this.successor);
    cell.handling = message;
    const result = apply(handler, cell, cell.state, message.args);
    const work = workOf(cell, result, answered, message);
    if (work !== null) return cell.follow(work);
    cell.handling = null;
    if (result !== noreply) message.reply(result);
  }

  private perform(cell: Cell, message: Message): void {
    // Sound: what the codec and `cast` make of this type has these fields; a hostile VM's may lack them.
    const { op, args } = message as CastMessage;
    const handler = this.casts.get(op);
    if (handler === undefined || !Array.isArray(args)) return unhandled(cell, message);
    const result = apply(handler, cell, cell.state, args);
    if (result !== undefined) follow(cell, result, message);
  }
}

/** The state before init has made one. */
const unborn: unique symbol = Symbol("motes.unborn");

/** A handler that goes on: its message is kept for a crash report. */
function follow(cell: Cell, result: unknown, message: Message): void {
  const work = workOf(cell, result, done, undefined);
  if (work === null) return;
  cell.handling = message;
  cell.follow(work);
}

function begun(cell: Cell, state: unknown): void {
  if (state === ignore) return die(cell, "normal", true);
  // Stopped within its init: it never was, so it has no last words (OTP: `{stop, Reason}` from init).
  if (cell.stopping !== null) return finish(cell, cell.stopping);
  cell.state = state;
  cell.starting?.succeed({});
  cell.agenda?.proceed();
}

function answered(cell: Cell, value: unknown, call: unknown): void {
  cell.handling = null;
  if (value !== noreply && call instanceof CallMessage) call.reply(value);
  cell.agenda?.proceed();
}

function done(cell: Cell): void {
  cell.handling = null;
  cell.agenda?.proceed();
}
