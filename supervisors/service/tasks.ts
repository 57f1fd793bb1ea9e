import { Wait, type Cell } from "../../kernel/index.ts";
import type { Task } from "../start-child.ts";

/**
 * Several pieces of straight-line code of one actor, side by side: each goes on when what it waits for has come, between two
 * messages of the actor. They share its state and its life; nothing of them outlives it.
 */
export class Tasks {
  private readonly running: Running[] = [];

  /** Runs it up to its first wait. */
  run(steps: Task<void>): void {
    const task: Running = { steps, wait: null };
    if (go(task)) this.running.push(task);
  }

  /** Goes on with all that can go on, until each waits for something that has not come. */
  advance(): void {
    const { running } = this;
    for (let i = 0; i < running.length; i++) {
      const task = running[i];
      if (task === undefined || task.wait?.open === true) continue;
      if (!go(task)) running.splice(running.indexOf(task), 1);
      // It may have brought about what another one waits for.
      i = -1;
    }
  }
}

interface Running {
  readonly steps: Task<void>;
  wait: Wait<unknown> | null;
}

/** False: it is done. */
function go(task: Running): boolean {
  for (;;) {
    const { done, value } = task.steps.next();
    if (done === true) return false;
    task.wait = value;
    if (value.open) return true;
  }
}

/** Something that one task waits for and another piece of the actor brings about. True: it was; false: the time was over. */
export class Signal extends Wait<boolean> {
  constructor(cell: Cell, timeoutMs = Infinity) {
    super(cell);
    if (timeoutMs === Infinity) cell.own(this);
    else this.within(timeoutMs);
  }

  fire(): void {
    this.settle(true, true);
  }

  override expired(): void {
    this.settle(true, false);
  }
}
