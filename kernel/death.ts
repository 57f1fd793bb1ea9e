import { release } from "./bonds.ts";
import { CallMessage } from "./call.ts";
import type { Cell } from "./cell.ts";
import { crashReport } from "./crash-report.ts";
import type { Message } from "./message.ts";
import { DEAD, READY, SUSPENDING } from "./status.ts";
import { crashOf, isOrderly, type ExitReason } from "./exit.ts";
import { endedBeforeReady } from "./start.ts";
import { workOf } from "./work.ts";

/**
 * How an actor ends. By itself (done, stopped, crashed): last words first, which may take time. By a signal it does not
 * trap: at once. In both cases its name is free and its timers are gone before anybody hears of it (OTP: death order).
 */

/** Throwing it ends the actor with this reason: `exit/1` of OTP. */
export class ExitThrown extends Error {
  readonly reason: ExitReason;
  constructor(reason: ExitReason) {
    super("exit");
    this.reason = reason;
  }
}

export const reasonOf = (thrown: unknown): ExitReason =>
  thrown instanceof ExitThrown ? thrown.reason : crashOf(thrown);

/** Ends an actor by its own doing: `lastWords` (terminate), then death. */
export function finish(cell: Cell, reason: ExitReason, message: Message | null = null): void {
  if (cell.status === DEAD) return;
  if (cell.status === READY || cell.status === SUSPENDING) {
    // It stands in the run queue, where nothing may stand twice: its last words are said when its turn comes.
    if (cell.unbegun) return die(cell, reason);
    cell.work = null;
    cell.stopping = reason;
    return;
  }
  // Said twice: its last words failed, or it stopped within them.
  const again = cell.finishing;
  cell.work = null;
  tell(cell, reason, message);
  if (again) return die(cell, reason);
  cell.finishing = true;
  try {
    const result = cell.behavior.lastWords(cell, reason);
    const work = workOf(cell, result, (done) => die(done, reason), undefined);
    if (work === null) die(cell, reason);
    else cell.follow(work);
  } catch (thrown) {
    const failed = reasonOf(thrown);
    tell(cell, failed, message);
    die(cell, failed);
  }
}

function tell(cell: Cell, reason: ExitReason, message: Message | null): void {
  if (cell.status !== DEAD && !isOrderly(reason)) cell.kernel.report(crashReport(cell, reason, message));
}

/**
 * Ends an actor now. Whoever hears of it and ends of it too is told of in the same call, depth first, and without a deeper
 * stack: a chain of links may be as long as there are actors.
 */
export function die(cell: Cell, reason: ExitReason, ignoring = false): void {
  if (cell.status === DEAD) return;
  const { kernel } = cell;
  bury(cell);
  const { mourning } = kernel;
  mourning.push(mourn(cell, reason, ignoring));
  if (mourning.length > 1) return;
  for (let last = mourning[0]; last !== undefined; last = mourning.at(-1)) {
    // By its place: another death may be on top of it now.
    const at = mourning.length - 1;
    if (last.next().done === true) mourning.splice(at, 1);
  }
  kernel.root.settle();
}

/** From here on it has no name, no place and no timers, and nothing reaches it. */
function bury(cell: Cell): void {
  const { kernel, ref } = cell;
  cell.status = DEAD;
  ref.cell = null;
  cell.slot?.lead(null);
  kernel.forget(cell);
  cell.cancelTimers();
  cell.work = null;
  cell.receiving = null;
  cell.blockedOn = null;
  cell.takeArgs();
}

/** Tells everybody whom it concerns. Each step may have been the death of another one, which is then told first. */
function* mourn(cell: Cell, reason: ExitReason, ignoring: boolean): Generator<void, void, void> {
  const { kernel, ref, starting, mailbox, abort } = cell;
  if (cell.unanswered !== null)
    for (const call of [...CallMessage.of(cell)].reverse()) call.fail("exit", reason);
  if (starting !== null) endedBeforeReady(starting, reason, ignoring);
  yield* release(kernel, cell, reason);
  if (cell.slots !== null) for (const slot of cell.slots) kernel.removeSlot(cell, slot);
  cell.state = undefined;
  if (mailbox.count > 0) kernel.lost(mailbox, ref);
  abort?.abort(reason);
  kernel.ended(cell, reason);
}
