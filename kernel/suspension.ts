import type { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import { BLOCKED, DEAD, IDLE, READY, RUNNING, SUSPENDED, SUSPENDING } from "./status.ts";

/**
 * Holding an actor still: it takes no message and goes on with nothing until it is resumed; messages queue, signals still end
 * it. One that is in the run queue is held when its turn comes: nothing may stand in that queue twice.
 *
 * Semantics: OTP `sys:suspend`, and `erlang:suspend_process` for an actor in the middle of a handler.
 */
export function suspend(cell: Cell): void {
  const { status } = cell;
  if (status === DEAD || status === SUSPENDED || status === SUSPENDING) return;
  if (status === RUNNING) {
    throw kernelError("BAD_OPTION", {
      what: "sys.suspend",
      expected: "another actor than the one that asks",
      got: cell.ref.toString(),
    });
  }
  cell.status = status === READY ? SUSPENDING : SUSPENDED;
}

export function resume(cell: Cell): void {
  const { status, kernel, blockedOn } = cell;
  if (status === SUSPENDING) cell.status = READY;
  if (status !== SUSPENDED) return;
  if (blockedOn?.carrier?.congested === true) {
    cell.status = BLOCKED;
    kernel.park(cell);
    return;
  }
  cell.status = IDLE;
  kernel.schedule(cell);
}
