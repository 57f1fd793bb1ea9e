import { IDLE, WAITING } from "./status.ts";
import { kernelError } from "./error-table.ts";
import type { Message } from "./message.ts";
import { Wait } from "./wait.ts";

/** What a selective receive takes: types of messages, or a test for each type; an empty list takes the next one, whatever it is. */
export type Pattern = readonly string[] | { readonly [type: string]: true | ((message: never) => boolean) };

/**
 * Selective receive: takes the first message, in order of arrival, that matches; the others stay, in order. Messages that
 * were looked at once are not looked at again by the same receive, so a long queue of others costs nothing twice.
 *
 * One object an actor, used again for each receive: a process in a loop allocates nothing for it.
 * Semantics: OTP "Receive Expressions"; a time-out of 0 polls.
 */
export class Receive extends Wait<Message | undefined> {
  private pattern: Pattern = [];
  private seen = 0;
  private timedOut = false;

  start(pattern: Pattern, timeoutMs: number): this {
    const { cell } = this;
    if (cell.receiving !== null) throw kernelError("RECEIVE_TWICE", { actor: cell.ref.toString() });
    cell.receiving = this;
    this.reopen();
    this.pattern = pattern;
    this.seen = 0;
    this.timedOut = timeoutMs <= 0;
    if (timeoutMs > 0 && timeoutMs !== Infinity) this.within(timeoutMs);
    return this;
  }

  override get wakesOnMessage(): boolean {
    return true;
  }

  override next(): IteratorResult<Wait<unknown>, Message | undefined> {
    // A process that always finds a message would never yield: its budget makes it step behind the others.
    if (this.open && this.cell.budget > 0) this.look();
    return super.next();
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is its purpose
  override then<A = Message | undefined, B = never>(
    onDone?: ((value: Message | undefined) => A | PromiseLike<A>) | null,
    onFailed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.open) this.look();
    // From here on a message is what the actor waits for.
    if (this.open && this.cell.status === WAITING) this.cell.status = IDLE;
    return super.then(onDone, onFailed);
  }

  /** Settles if a message is there, or the time is up. */
  look(): void {
    const { cell } = this;
    const { mailbox } = cell;
    for (let message = mailbox.at(this.seen); message !== undefined; message = mailbox.at(++this.seen)) {
      if (!this.matches(message)) continue;
      mailbox.removeAt(this.seen);
      cell.budget--;
      this.finish(message);
      return;
    }
    if (!this.timedOut) return;
    // A poll costs as much as a message: else a loop of polls would never let go of the vCPU.
    cell.budget--;
    this.finish(undefined);
  }

  /** A message was taken out of the mailbox by somebody else: those behind it have moved up. */
  removed(index: number): void {
    if (index < this.seen) this.seen--;
  }

  override expired(): void {
    // Not settled here: a message that came before the time-out, and was not looked at yet, wins.
    this.timedOut = true;
    this.cell.kernel.schedule(this.cell);
  }

  private finish(message: Message | undefined): void {
    this.cell.receiving = null;
    this.cell.handling = message ?? null;
    this.settle(true, message);
  }

  private matches(message: Message): boolean {
    const { pattern } = this;
    if (isTypes(pattern)) return pattern.length === 0 || pattern.includes(message.type);
    const test = Object.hasOwn(pattern, message.type) ? pattern[message.type] : undefined;
    // Sound: `receive` types each test with the messages of its own key.
    return test === true || (test !== undefined && test(message as never));
  }
}

const isTypes = (pattern: Pattern): pattern is readonly string[] => Array.isArray(pattern);
