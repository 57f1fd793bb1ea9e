import type { Cell } from "./cell.ts";
import { describe } from "./dead-letters.ts";
import { finish } from "./death.ts";
import { ExitMessage } from "./event.ts";
import type { Message } from "./message.ts";
import { refTo, sameRef } from "./ref.ts";

/** What servers and machines have in common at run time: how a handler is called, and what is said when there is none. */

export type Fn = (this: unknown, state: unknown, ...args: readonly unknown[]) => unknown;
export type Group = Readonly<Record<string, Fn>>;

/** The exit signal of its parent ends a server even when it traps exits; others are for its handler (OTP: all behaviours). */
export function endsWithParent(cell: Cell, message: Message): boolean {
  if (!(message instanceof ExitMessage) || cell.parent === null) return false;
  if (!sameRef(message.from, refTo(cell.parent))) return false;
  finish(cell, message.reason);
  return true;
}

/** Without an array for the usual few arguments. */
export function apply(handler: Fn, cell: Cell, state: unknown, args: readonly unknown[]): unknown {
  switch (args.length) {
    case 0:
      return handler.call(cell, state);
    case 1:
      return handler.call(cell, state, args[0]);
    case 2:
      return handler.call(cell, state, args[0], args[1]);
    default:
      return handler.call(cell, state, ...args);
  }
}

export function unhandled(cell: Cell, message: Message): void {
  cell.kernel.report({
    type: "unhandled",
    actor: cell.ref.toString(),
    label: cell.behavior.label,
    message: describe(message),
  });
}
