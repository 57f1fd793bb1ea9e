import type { Cell } from "./cell.ts";
import type { ExitReason } from "./exit.ts";
import type { MailboxOptions, Overflow } from "./mailbox.ts";
import type { Message } from "./message.ts";
import type { Ref } from "./ref.ts";
import { kernelError } from "./error-table.ts";

declare const types: unique symbol;

/**
 * What `spawn` takes: a program for an actor. `Args` are its init arguments, `M` its protocol, `Info` what it tells the one
 * who starts it (`start`). Made by `actor`, `process`, `supervisor`.
 */
export interface Definition<in Args extends readonly unknown[], in out M, out Info = unknown> {
  /** For logs. */
  readonly label: string;
  /** Type level only. */
  readonly [types]: {
    readonly args: (args: Args) => void;
    readonly ref: Ref<M>;
    readonly m: M;
    readonly info: () => Info;
  };
}

export type ArgsOf<D> = D extends Definition<infer A, infer _M, infer _I> ? A : never;
export type ProtocolOf<D> = D extends Definition<never, infer M, infer _I> ? M : never;
export type InfoOf<D> = D extends Definition<never, infer _M, infer I> ? I : never;

export type Formatter = (state: unknown) => unknown;

/** What every definition is at run time: how an actor of this kind begins, handles one message, and ends. */
export abstract class Behavior {
  readonly label: string;
  readonly mailboxCapacity: number;
  readonly overflow: Overflow;

  /** True for one that only passes on what it is sent: while it cannot, those who send to it from other VMs are held back. */
  readonly passesOn: boolean = false;

  /** True for one that answers what a service asks its VMs (`succession.ts`). */
  readonly answersProbes: boolean = false;

  /** True for one that keeps others alive: as a child it counts as a supervisor, and has all the time it needs to end. */
  readonly supervises: boolean = false;

  /** What of its state may be shown; undefined: nothing was said. */
  private readonly formatter: Formatter | undefined;

  constructor(label: string, mailbox: MailboxOptions | undefined, formatter?: Formatter) {
    const capacity = mailbox?.capacity ?? Infinity;
    if (!(capacity >= 1)) {
      throw kernelError("BAD_OPTION", {
        what: "mailbox.capacity",
        expected: "1 or more messages",
        got: String(capacity),
      });
    }
    this.label = label;
    this.mailboxCapacity = capacity;
    this.overflow = mailbox?.overflow ?? "refuse";
    this.formatter = formatter;
  }

  /** Takes `cell.args` and starts. Says `kernel.started` when the one who started it may go on. */
  abstract begin(cell: Cell): void;
  abstract handle(cell: Cell, message: Message): void;
  /** Asked when it ends in an orderly way, or by its own fault: last words. The result may be work. */
  abstract lastWords(cell: Cell, reason: ExitReason): unknown;
  /** No message came for as long as it asked (`Agenda`). The result may be work. */
  timeout(_cell: Cell): unknown {
    return undefined;
  }

  /** Its state, to be looked at between messages: for `sys`. */
  stateOf(cell: Cell): unknown {
    return cell.state;
  }

  replaceState(cell: Cell, state: unknown): void {
    cell.state = state;
  }

  /** What of its state may be shown to everybody; undefined if nothing was said about that. */
  shown(cell: Cell): unknown {
    const state = this.stateOf(cell);
    return state === undefined ? undefined : this.formatter?.(state);
  }

  /** True if `stop` ends it where it next waits, false if its handler is finished first. */
  abstract readonly stopsAtWait: boolean;
}

/** Sound: `Definition` can only be made from a `Behavior`, here. */
export const defines = <Args extends readonly unknown[], M, Info>(
  behavior: Behavior,
): Definition<Args, M, Info> => behavior as unknown as Definition<Args, M, Info>;

/** Throws `BAD_OPTION` for what is no definition: JavaScript callers, and images of another program. */
export function behaviorOf(definition: unknown): Behavior {
  if (definition instanceof Behavior) return definition;
  throw kernelError("BAD_OPTION", {
    what: "spawn",
    expected: "what actor(), process() or supervisor() made",
    got: definition === null ? "null" : typeof definition,
  });
}
