import type { Device } from "./device.ts";
import type { Definition } from "./behavior.ts";
import type { Booted } from "./boot.ts";
import type { Down, Exit } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import type { HostProtocol } from "./host.ts";
import type { CallArgs, CallOp, CallReply, CastArgs, CastOp, Message } from "./message.ts";
import type { Name } from "./name.ts";
import type { Ref } from "./ref.ts";
import type { Started } from "./start.ts";
import type { Unikernel, UnikernelOptions } from "./unikernel.ts";
import type { Wait } from "./wait.ts";

/** What `sendAfter` returns: give it to `cancel`. */
export interface TimerRef {
  readonly pending: boolean;
}

/** What differs from the unikernel's own options; `name` is for logs. */
export interface BootOptions extends UnikernelOptions {
  readonly name?: string;
  /** The name of another image that the host holds. Default: the one this program is in. */
  readonly image?: string;
  /** The name of another host that boots it, or several: the first that is joined. It waits for one for `bootTimeoutMs`. Default: here. */
  readonly host?: string | readonly string[];
  /** What the VM is: `isolate`, `process`, `wasm` ..., of those that the host allows. Default: the host's own. */
  readonly target?: string;
  /** What it may have from outside and pass on, of what its booter may. Default: all of that. */
  readonly devices?: readonly Device[];
  /** VMs that it and those it boots may have at a time. Default: as many as its booter. */
  readonly vmsMax?: number;
}

type Types<M> = M extends { readonly type: infer T extends string } ? T : never;
type OfType<M, T> = M extends { readonly type: T } ? M : never;
/** What a mailbox may hold beside the actor's own protocol. */
type Received<M> = M | Exit | Down;

/** A test for each type that a receive takes; `true` takes them all. */
export type Tests<M> = { readonly [T in Types<M>]?: true | ((message: OfType<M, T>) => boolean) };

/**
 * What an actor can do: its first argument, and `this` in the handlers of `actor`. `M` is its own protocol.
 *
 * Whatever it sends, in whatever way, reaches one receiver in the order sent. What is said in the name of an actor that has
 * ended has no effect: sends are dead letters, and whatever gives an answer throws `ACTOR_DEAD`.
 */
export interface Self<M> {
  readonly ref: Ref<M>;
  /** The toolstack that booted this VM. */
  readonly host: Ref<HostProtocol>;
  /** Aborted with the exit reason when this actor ends: hand it to the I/O that should end too. */
  readonly signal: AbortSignal;
  /** ms of a monotonic clock. */
  now(): number;
  /** Random in [0, 1); seeded under the simulator. */
  random(): number;

  /**
   * Puts a message into the mailbox of `to`. To the dead: a dead letter, no error (OTP: `!`).
   * Throws `MAILBOX_FULL`; to another VM also `MESSAGE_NOT_COPYABLE`, `MESSAGE_TOO_LARGE`, `CARRIER_FULL`.
   */
  send<T extends Message>(to: Ref<T>, message: NoInfer<T>): void;
  /**
   * Asks and waits for the answer, 5 s at the most (OTP: `gen_server:call`). `await` it, or `yield*` it in a generator.
   * Fails with `CALL_TIMEOUT`, `CALL_EXIT` (the callee has ended), `CALL_UNKNOWN_OP`, `CALL_REFUSED`, `CALL_SELF`.
   */
  call<T, const Op extends CallOp<T>>(to: Ref<T>, op: Op, ...args: CallArgs<T, Op>): Wait<CallReply<T, Op>>;
  /** As `call`, with a time-out in ms; `Infinity` waits for as long as the callee lives. */
  callWithin<T, const Op extends CallOp<T>>(
    timeoutMs: number,
    to: Ref<T>,
    op: Op,
    ...args: CallArgs<T, Op>
  ): Wait<CallReply<T, Op>>;
  /** Asks for no answer; never says whether it arrived (OTP: `gen_server:cast`). Throws what `send` throws. */
  cast<T, const Op extends CastOp<T>>(to: Ref<T>, op: Op, ...args: CastArgs<T, Op>): void;
  /** Sends after `delayMs`, unless this actor has ended or `cancel` came first. */
  sendAfter<T extends Message>(delayMs: number, to: Ref<T>, message: NoInfer<T>): TimerRef;
  /** False: it has fired already, and the message may be in a mailbox. */
  cancel(timer: TimerRef): boolean;

  /** Takes the first message that matches, of the given types or of any; the others stay (OTP: `receive`). */
  receive(): Wait<Received<M>>;
  receive<const T extends Types<Received<M>>>(...types: readonly T[]): Wait<OfType<Received<M>, T>>;
  receive<const P extends Tests<Received<M>>>(tests: P): Wait<OfType<Received<M>, keyof P & string>>;
  /** With a time-out in ms (0 polls): undefined when it is over. */
  receive<const P extends Tests<Received<M>>>(
    tests: P,
    timeoutMs: number,
  ): Wait<OfType<Received<M>, keyof P & string> | undefined>;
  sleep(durationMs: number): Wait<void>;
  /** In a generator: waits for a promise of the outside world. */
  until<T>(promise: PromiseLike<T>): Wait<T>;
  /** Waits until what was sent towards `to` is under way: for loops that send much to another VM. */
  drained(to: Ref<never>): Wait<void>;

  /** A new actor, with no tie to this one. Its init runs later. Throws `TOO_MANY_ACTORS`. */
  spawn<A extends readonly unknown[], N>(definition: Definition<A, N>, ...args: A): Ref<N>;
  /** As `spawn`, linked from its first moment. */
  spawnLink<A extends readonly unknown[], N>(definition: Definition<A, N>, ...args: A): Ref<N>;
  /** As `spawn`, monitored from its first moment. */
  spawnMonitor<A extends readonly unknown[], N>(
    definition: Definition<A, N>,
    ...args: A
  ): { ref: Ref<N>; monitor: number };
  /** As `spawnLink`, and waits until its init is done. Fails with `START_FAILED`, `START_IGNORED`: then it is unlinked. */
  start<A extends readonly unknown[], N, I>(definition: Definition<A, N, I>, ...args: A): Wait<Started<N, I>>;
  /**
   * Boots another VM of this program and waits until its root is ready; linked to the root, whose end is the VM's. The VM is
   * owned by this actor and ends with it. Fails with `START_FAILED`, `START_IGNORED`.
   */
  boot<A extends readonly unknown[], N>(
    program: Unikernel<A, N>,
    args: A,
    options?: BootOptions,
  ): Wait<Booted<N>>;
  /** In the body of a process made with `ready: "explicit"`: the one who started it may go on. */
  ready(info?: object): void;

  /** Each ends when the other does, unless it ends normally. To the dead: an exit signal `noproc`. */
  link(to: Ref<never>): void;
  unlink(to: Ref<never>): void;
  /** A `down` message will come when `to` ends, or at once if it is not there (`noproc`). May be done many times. */
  monitor(to: Ref<never>): number;
  /** No `down` comes any more, also none that is in the mailbox already. False: it had fired. */
  demonitor(monitor: number): boolean;
  /** Exit signals come as `exit` messages from now on; all but `kill`. */
  trapExits(on?: boolean): void;
  /** Sends an exit signal (OTP: `exit/2`). `kill` cannot be trapped, and arrives at links as `killed`. */
  exit(to: Ref<never>, reason: ExitReason): void;
  /** Ends this actor when the present handler is done, with its `terminate`. Default: `normal`. */
  stop(reason?: ExitReason): void;

  /** Gives this actor a name in this VM; one it had is free then. Throws `NAME_TAKEN`. It is free again when the actor ends. */
  register<N extends M>(name: Name<N>): void;
  unregister<N>(name: Name<N>): void;
  whereis<N>(name: Name<N>): Ref<N> | undefined;
}
