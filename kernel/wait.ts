import type { Cell } from "./cell.ts";
import { DEAD } from "./status.ts";
import { Timer } from "./timers.ts";

const pending = 0;
const done = 1;
const failed = 2;

/**
 * Something an actor waits for: `yield*` it in a generator, `await` it in an async function.
 *
 * Owned by one actor: it dies with it, and then never settles. A time-out, if there is one, is the timer it is.
 */
export abstract class Wait<T> extends Timer implements PromiseLike<T> {
  readonly cell: Cell;
  private outcome: unknown = undefined;
  private settled: typeof pending | typeof done | typeof failed = pending;
  /** A generator is suspended on it. */
  private suspended = false;
  private promise: Promise<T> | null = null;
  private resolve: ((value: never) => void) | null = null;
  private reject: ((error: unknown) => void) | null = null;

  constructor(cell: Cell) {
    super();
    this.cell = cell;
  }

  /** True if each new message may end it: the actor then stays ready for messages. */
  get wakesOnMessage(): boolean {
    return false;
  }

  get open(): boolean {
    return this.settled === pending;
  }

  [Symbol.iterator](): Iterator<Wait<unknown>, T, unknown> {
    return this;
  }

  /** The protocol of `yield*`: says "not yet" with itself until it is settled. May be asked any number of times. */
  next(): IteratorResult<Wait<unknown>, T> {
    if (this.settled === failed) throw this.outcome;
    // Sound: `settle(true, value)` is only called with a T.
    if (this.settled === done) return { done: true, value: this.outcome as T };
    this.suspended = true;
    return { done: false, value: this };
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is its purpose
  then<A = T, B = never>(
    onDone?: ((value: T) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.toPromise().then(onDone, onFailed);
  }

  catch<B>(onFailed: (error: unknown) => B | PromiseLike<B>): Promise<T | B> {
    return this.toPromise().catch(onFailed);
  }

  finally(after: () => void): Promise<T> {
    return this.toPromise().finally(after);
  }

  protected settle(ok: boolean, value: unknown): void {
    // The late answer to a dead actor changes nothing.
    if (this.settled !== pending || this.cell.status === DEAD) return;
    this.settled = ok ? done : failed;
    this.outcome = value;
    this.cell.kernel.timers.cancel(this);
    this.cell.disown(this);
    if (this.suspended) this.cell.kernel.schedule(this.cell);
    if (this.promise === null) return;
    this.cell.kernel.promisesMoved = true;
    if (ok) this.resolve?.(value as never);
    else this.reject?.(value);
  }

  /** Sets its time-out. Owned by the actor from then on: it ends with it. */
  protected within(timeoutMs: number): void {
    const { kernel } = this.cell;
    this.cell.own(this);
    kernel.timers.set(this, kernel.platform.now(), timeoutMs);
    kernel.rearm();
  }

  /** For the one kind that is used again and again. */
  protected reopen(): void {
    this.settled = pending;
    this.outcome = undefined;
    this.suspended = false;
    this.promise = null;
    this.resolve = null;
    this.reject = null;
  }

  private toPromise(): Promise<T> {
    if (this.promise !== null) return this.promise;
    if (this.settled === done) this.promise = Promise.resolve(this.outcome as T);
    else if (this.settled === failed) this.promise = Promise.reject(this.outcome);
    else
      this.promise = new Promise<T>((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
      });
    return this.promise;
  }
}

/** Ends when its time has come. */
export class Sleep extends Wait<void> {
  constructor(cell: Cell, durationMs: number) {
    super(cell);
    this.within(durationMs);
  }

  override expired(): void {
    this.settle(true, undefined);
  }
}

/** A promise of the outside world, for a generator to wait on. */
export class Until<T> extends Wait<T> {
  constructor(cell: Cell, promise: PromiseLike<T>) {
    super(cell);
    promise.then(
      (value) => this.settle(true, value),
      (error: unknown) => this.settle(false, error),
    );
  }

  override expired(): void {}
}

/** Ends at once, but after the other ready actors had their turn, or when a congested carrier has room again. */
export class Signalled extends Wait<void> {
  override expired(): void {}

  fire(): void {
    this.settle(true, undefined);
  }
}
