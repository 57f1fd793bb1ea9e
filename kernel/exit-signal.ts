import type { Cell } from "./cell.ts";
import { die } from "./death.ts";
import { ExitMessage } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import { refTo, sameRef, type Address } from "./ref.ts";
import { DEAD } from "./status.ts";
import { resume } from "./suspension.ts";

/**
 * What an exit signal does to the one it reaches. `linked`: it comes by a link, so `kill` is a reason like any other.
 * Semantics: OTP "Error Handling"; `exit(self(), normal)` ends a process that does not trap exits.
 */
export function exitSignal(cell: Cell, from: Address, reason: ExitReason, linked: boolean): void {
  if (cell.status === DEAD) return;
  const { kernel, parent } = cell;
  kernel.traces?.exitSignal(cell, from, reason);
  if (reason === "kill" && !linked) return die(cell, "killed");
  if (cell.trapping) {
    // An actor that is held hears of its parent's end all the same.
    if (parent !== null && sameRef(refTo(parent), refTo(from))) resume(cell);
    return kernel.deliverAlways(cell, new ExitMessage(refTo(from), reason));
  }
  if (reason !== "normal" || (!linked && sameRef(refTo(cell.ref), refTo(from)))) die(cell, reason);
}
