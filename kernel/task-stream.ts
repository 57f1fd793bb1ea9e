import type { Cell } from "./cell.ts";
import { localCell, type Addressed } from "./claims.ts";
import { kernelError } from "./error-table.ts";
import type { ExitReason } from "./exit.ts";
import { TaskRun, type TaskEnd, type TaskOptions, type TaskWork } from "./task.ts";
import { Wait } from "./wait.ts";

/** How the work on one item ended; `timeout` is the reason when its time was up. */
export type TaskResult<T, R> =
  | { readonly type: "done"; readonly item: T; readonly value: R }
  | { readonly type: "failed"; readonly item: T; readonly reason: ExitReason };

export interface TaskStreamOptions extends TaskOptions {
  /** Items worked on at a time, those counted whose result waits to be read. */
  readonly concurrency: number;
  /** Results in the order of the items (default), or as they come. */
  readonly ordered?: boolean;
}

class Next<T> extends Wait<T> {
  constructor(cell: Cell) {
    super(cell);
    cell.own(this);
  }

  override expired(): void {}

  give(value: T): void {
    this.settle(true, value);
  }
}

interface Place<T, R> {
  result: TaskResult<T, R> | undefined;
  run: TaskRun | undefined;
}

/**
 * Work on many items, a bounded number at a time, each in an actor of its own. Items are taken, and work begun, only as results
 * are read: a slow reader holds it back. Ends with its owner.
 *
 * Semantics: Elixir `Task.Supervisor.async_stream_nolink`.
 */
export class TaskStream<T, R> {
  private readonly owner: Cell;
  private readonly items: Iterator<T>;
  private readonly work: TaskWork<[T], R>;
  private readonly options: TaskStreamOptions;
  /** Begun and not read, in the order of the items. */
  private readonly places: Place<T, R>[] = [];
  /** Unordered: those with a result, in the order they ended. */
  private readonly ended: Place<T, R>[] = [];
  private readonly readers: Next<TaskResult<T, R> | undefined>[] = [];
  private exhausted = false;

  constructor(owner: Cell, items: Iterable<T>, work: TaskWork<[T], R>, options: TaskStreamOptions) {
    if (!(options.concurrency >= 1)) {
      throw kernelError("BAD_OPTION", {
        what: "taskStream: concurrency",
        expected: "1 or more",
        got: String(options.concurrency),
      });
    }
    this.owner = owner;
    this.items = items[Symbol.iterator]();
    this.work = work;
    this.options = options;
    this.fill();
  }

  /** Waits for the next result; undefined when there is none any more. Throws what the iterator of the items throws. */
  next(): Wait<TaskResult<T, R> | undefined> {
    const reader = new Next<TaskResult<T, R> | undefined>(this.owner);
    this.readers.push(reader);
    this.serve();
    this.fill();
    this.serve();
    return reader;
  }

  /** All results that are left. */
  *all(): Generator<Wait<unknown>, readonly TaskResult<T, R>[], unknown> {
    const results: TaskResult<T, R>[] = [];
    for (;;) {
      const result = yield* this.next();
      if (result === undefined) return results;
      results.push(result);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TaskResult<T, R>, void, undefined> {
    try {
      for (let result = await this.next(); result !== undefined; result = await this.next()) yield result;
    } finally {
      this.stop();
    }
  }

  /** Takes no more items and kills what runs; results that were not read are gone. */
  stop(): void {
    if (!this.exhausted) this.items.return?.();
    this.exhausted = true;
    this.ended.length = 0;
    for (const { run } of this.places.splice(0)) run?.cancel();
    this.serve();
  }

  private fill(): void {
    while (!this.exhausted && this.places.length < this.options.concurrency) {
      const next = this.items.next();
      if (next.done === true) this.exhausted = true;
      else this.begin(next.value);
    }
  }

  private begin(item: T): void {
    const place: Place<T, R> = { result: undefined, run: undefined };
    this.places.push(place);
    place.run = new TaskRun(this.owner, this.work, [item], this.options, (end) => {
      place.result = resultOf(item, end);
      place.run = undefined;
      if (!this.places.includes(place)) return;
      this.ended.push(place);
      this.serve();
    });
  }

  /** Gives what is there to those who wait for it. */
  private serve(): void {
    for (let reader = this.readers[0]; reader !== undefined; reader = this.readers[0]) {
      const place = this.options.ordered === false ? this.ended[0] : this.places[0];
      const result = place?.result;
      if (place !== undefined && result !== undefined) {
        this.places.splice(this.places.indexOf(place), 1);
        this.ended.splice(this.ended.indexOf(place), 1);
        this.readers.shift();
        reader.give(result);
      } else if (this.exhausted && this.places.length === 0) {
        this.readers.shift();
        reader.give(undefined);
      } else return;
    }
  }
}

/**
 * Works on `items`, at most `concurrency` at a time, each in an actor of its own; a failure is a result and ends nobody else.
 *
 * @example
 * const stream = taskStream(self, urls, async (_self, url) => (await fetch(url)).status, { concurrency: 8 });
 * for (const result of yield* stream.all()) ...
 * for await (const result of stream) ...
 */
export function taskStream<T, R>(
  self: Addressed<never>,
  items: Iterable<T>,
  work: TaskWork<[item: T], R>,
  options: TaskStreamOptions,
): TaskStream<T, R> {
  return new TaskStream(localCell(self, "taskStream"), items, work, options);
}

function resultOf<T, R>(item: T, end: TaskEnd): TaskResult<T, R> {
  // Sound: the value is what the work, which was typed to return an R, came to.
  if (end.type === "done") return { type: "done", item, value: end.value as R };
  return { type: "failed", item, reason: end.type === "timeout" ? "timeout" : end.reason };
}
