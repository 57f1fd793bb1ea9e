import type { ExitReason } from "./exit.ts";
import type { Message } from "./message.ts";

/**
 * All that travels between the actors of two VMs. The same four methods are the sending side (a `Carrier`) and the
 * receiving side (the kernel's inbound door for one peer), so a carrier in memory is nothing but one in front of the other.
 *
 * `to` is the serial of an actor in the receiving VM, `from` the serial of one in the sending VM: a VM cannot speak in
 * another's name, because the receiver takes the sender's VM from the carrier and not from the frame.
 * One order holds for all of them: what is sent first arrives first.
 */
export interface SignalSink {
  /** A plain message or a `CastMessage`. */
  message(to: number, message: Message): void;
  /** `id` is unique among the sender's calls; the reply, or the callee's death, comes back under it. */
  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void;
  /** Exactly one for each call. `ok`: `value` is what the callee answered; else it is a `CallFailure`. */
  reply(id: number, ok: boolean, value: unknown): void;
  /** Exit, link and monitor signals; what is not used by a kind is 0 or `undefined`. */
  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void;
}

/** Why the callee's side could not answer: plain data. */
export interface CallFailure {
  /** `exit`: the callee died with `reason` (`noproc`: it was not there). `unknown_op`: it has no such operation. */
  readonly type: "exit" | "unknown_op" | "refused";
  readonly reason: ExitReason;
}

export type ControlKind = (typeof control)[keyof typeof control];

/** The numbers are the wire's: never reuse one. */
export const control = {
  /** An exit signal sent by hand: `to`, `from`, `reason`. */
  exit: 1,
  /** A linked actor has died: `to`, `from`, `reason`. Obeys links, so one that was unlinked is dropped. */
  linkExit: 2,
  link: 3,
  unlink: 4,
  /** `to` is watched by `from` under `id`. */
  monitor: 5,
  demonitor: 6,
  /** The monitor `id` of the receiver fires: `from` has died with `reason`. */
  down: 7,
  /** The caller has given up on its call `id`: the callee may forget it. */
  cancelCall: 8,
  /** The answer to each `unlink`. What was sent before it was sent without knowing of the unlink. */
  unlinked: 9,
} as const;
