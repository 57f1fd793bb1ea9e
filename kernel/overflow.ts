import { CallMessage } from "./call.ts";
import type { Cell } from "./cell.ts";
import { finish } from "./death.ts";
import { kernelError } from "./error-table.ts";
import { DownMessage, ExitMessage } from "./event.ts";
import type { Message } from "./message.ts";
import { IDLE, RUNNING } from "./status.ts";

/** What becomes of one message too many, by the receiver's policy (`Overflow`). Throws `MAILBOX_FULL` if that is to refuse. */
export function overflow(cell: Cell, message: Message): void {
  const { kernel, behavior, ref } = cell;
  switch (behavior.overflow) {
    case "crash":
      kernel.deadLetter(ref, message, "mailbox full");
      return crash(cell);
    case "drop-oldest": {
      const dropped = takeOldest(cell) ?? message;
      if (dropped !== message) kernel.deliverAlways(cell, message);
      if (dropped instanceof CallMessage) dropped.fail("refused", "mailbox_full");
      return kernel.deadLetter(ref, dropped, "mailbox full");
    }
    case "refuse":
      throw kernelError("MAILBOX_FULL", {
        actor: ref.toString(),
        capacity: behavior.mailboxCapacity,
        refused: message,
      });
  }
}

function crash(cell: Cell): void {
  if (cell.stopping !== null) return;
  // By its own send: the handler that did it is over when its end is said.
  if (cell.status !== RUNNING) return finish(cell, "mailbox_full");
  cell.stopping = "mailbox_full";
  cell.status = IDLE;
}

/** Undefined: it holds nothing but exit and down messages, which are never dropped. */
function takeOldest({ mailbox, receiving }: Cell): Message | undefined {
  for (let i = 0, oldest = mailbox.at(0); oldest !== undefined; oldest = mailbox.at(++i)) {
    if (oldest instanceof ExitMessage || oldest instanceof DownMessage) continue;
    receiving?.removed(i);
    return mailbox.removeAt(i);
  }
  return undefined;
}
