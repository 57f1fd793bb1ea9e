import { Behavior } from "./behavior.ts";
import type { Cell } from "./cell.ts";
import { localCell, type Addressed } from "./claims.ts";
import { selfOf } from "./actor-self.ts";
import { finish } from "./death.ts";
import { kernelError } from "./error-table.ts";
import type { ExitReason } from "./exit.ts";
import { limits } from "./limits.ts";
import type { Self } from "./self.ts";
import type { Starting } from "./start.ts";
import { Timer } from "./timers.ts";
import { Wait } from "./wait.ts";
import { workOf } from "./work.ts";

/** What a task may be: a plain function, an async one, or a generator. `self` is the task's own: it is an actor. */
export type TaskWork<A extends readonly unknown[], R> = (
  self: Self<never>,
  ...args: A
) => Generator<Wait<unknown>, R, unknown> | PromiseLike<R> | R;

export interface TaskOptions {
  /** Of the whole work, in ms; then it is killed. Default: 5000, as a call. `Infinity`: for as long as its owner lives. */
  readonly timeoutMs?: number;
  /** For crash reports. Default: the function's name, or `task`. */
  readonly label?: string;
}

/** How a piece of work ended. */
export type TaskEnd =
  | { readonly type: "done"; readonly value: unknown }
  | { readonly type: "failed"; readonly reason: ExitReason }
  | { readonly type: "timeout" };

/** One piece of work in an actor of its own: told of once, killed with its owner, or when its time is up. */
export class TaskRun extends Timer implements Starting {
  readonly child: Cell;
  private readonly owner: Cell;
  private readonly onEnd: (end: TaskEnd) => void;

  constructor(
    owner: Cell,
    work: TaskWork<never, unknown>,
    args: readonly unknown[],
    options: TaskOptions,
    onEnd: (end: TaskEnd) => void,
  ) {
    super();
    const { label = work.name || "task", timeoutMs = limits.callTimeoutMs } = options;
    const { kernel } = owner;
    this.owner = owner;
    this.onEnd = onEnd;
    this.child = kernel.spawn(new TaskBehavior(label, work), args, owner.ref);
    this.child.starting = this;
    owner.own(this);
    if (timeoutMs === Infinity) return;
    kernel.timers.set(this, kernel.platform.now(), timeoutMs);
    kernel.rearm();
  }

  /** A task is ready when it is done: `self.ready` says nothing in it. */
  succeed(): void {}

  finish(value: unknown): void {
    this.end({ type: "done", value });
  }

  ignored(): void {
    this.failed("normal");
  }

  failed(reason: ExitReason): void {
    this.end({ type: "failed", reason });
  }

  override expired(): void {
    this.cancel({ type: "timeout" });
  }

  override dropped(): void {
    this.cancel({ type: "failed", reason: "noproc" });
  }

  /** Kills it, if it still runs. */
  cancel(end: TaskEnd = { type: "failed", reason: "killed" }): void {
    if (this.child.starting !== this) return;
    this.end(end);
    this.child.kernel.exitSignal(this.child, this.owner.ref, "kill", false);
  }

  private end(end: TaskEnd): void {
    this.child.starting = null;
    this.owner.disown(this);
    this.owner.kernel.timers.cancel(this);
    this.onEnd(end);
  }
}

/** What `task` returns: `yield*` or `await` it for the result, now or later. */
export class Task<R> extends Wait<R> {
  private readonly run: TaskRun;

  constructor(owner: Cell, work: TaskWork<never, R>, args: readonly unknown[], options: TaskOptions) {
    super(owner);
    this.run = new TaskRun(owner, work, args, options, (end) => this.ended(end, options));
  }

  override expired(): void {}

  /** Kills it, if it still runs: whoever waits gets `TASK_FAILED` with `killed`. */
  cancel(): void {
    this.run.cancel();
  }

  private ended(end: TaskEnd, options: TaskOptions): void {
    if (end.type === "done") return this.settle(true, end.value);
    const task = this.run.child.behavior.label;
    const { timeoutMs = limits.callTimeoutMs } = options;
    this.settle(
      false,
      end.type === "timeout"
        ? kernelError("TASK_TIMEOUT", { task, timeoutMs })
        : kernelError("TASK_FAILED", { task, reason: end.reason }),
    );
  }
}

/**
 * Work beside one's own: starts it in an actor of its own and returns at once. A failure is an error for the one who waits for
 * the result, and ends nobody else; the end of the owner, whatever its reason, is the end of the task.
 *
 * The wait fails with `TASK_FAILED` (it threw, or was killed) or `TASK_TIMEOUT`. Throws `TOO_MANY_ACTORS`.
 *
 * Semantics: Elixir's Task.Supervisor, async_nolink and await.
 *
 * @example
 * const left = task(self, function* (self) { return yield* self.call(store, "get", 1); });
 * const right = task(self, async () => (await fetch(url)).status, { timeoutMs: 30_000 });
 * return (yield* left) + (yield* right);
 */
export function task<R>(self: Addressed<never>, work: TaskWork<[], R>, options: TaskOptions = {}): Task<R> {
  return new Task(localCell(self, "task"), work, [], options);
}

class TaskBehavior extends Behavior {
  readonly stopsAtWait = true;
  private readonly work: TaskWork<never, unknown>;

  constructor(label: string, work: TaskWork<never, unknown>) {
    super(label, undefined);
    this.work = work;
  }

  override begin(cell: Cell): void {
    const args = cell.takeArgs();
    // Sound: these are the arguments that the work was typed to take.
    const result = this.work(selfOf(cell), ...(args as never));
    const work = workOf(cell, result, finished, undefined);
    if (work === null) finished(cell, result);
    else cell.follow(work);
  }

  /** Never called: it has work for as long as it lives. */
  override handle(): void {}

  override lastWords(): void {}
}

function finished(cell: Cell, value: unknown): void {
  if (cell.starting instanceof TaskRun) cell.starting.finish(value);
  finish(cell, "normal");
}
