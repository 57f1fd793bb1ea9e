import type { Message } from "./message.ts";

/** What a bounded mailbox does with one message too many. */
export type Overflow =
  /** The send throws `MAILBOX_FULL` with the message in it; a call fails with it. From another VM: a dead letter. */
  | "refuse"
  /** The oldest message gives way and becomes a dead letter. */
  | "drop-oldest"
  /** The actor dies with `mailbox_full`. */
  | "crash";

export interface MailboxOptions {
  /** Messages that may wait. Default: no bound. Exit and down messages always find room. */
  readonly capacity?: number;
  /** Default: `"refuse"`. */
  readonly overflow?: Overflow;
}

const firstRoom = 4;
/** A mailbox that was flooded gives its memory back once it is empty. */
const keptRoomMax = 1024;

/**
 * The messages waiting for one actor, oldest first: a growing circular array of a power of two.
 * It never decides what overflow means; `put` only says that it is full.
 */
export class Mailbox {
  count = 0;
  private head = 0;
  /** How many fit before `put` has to think: the array's length, or the capacity if that is less. */
  private room = 0;
  private items: (Message | undefined)[] | null = null;
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** False: full, and nothing was changed. */
  put(message: Message): boolean {
    const { items, count } = this;
    if (items === null || count >= this.room) return this.grow(message, false);
    items[(this.head + count) & (items.length - 1)] = message;
    this.count = count + 1;
    return true;
  }

  /** For what must not be refused (exit and down messages, replies): ignores the capacity. */
  putAlways(message: Message): void {
    if (!this.put(message)) this.grow(message, true);
  }

  /** The oldest message. The caller has looked at `count`. */
  take(): Message {
    const items = this.items as (Message | undefined)[];
    const { head } = this;
    // Sound: `count > 0`, so this slot was filled by `put`.
    const message = items[head] as Message;
    items[head] = undefined;
    this.head = (head + 1) & (items.length - 1);
    if (--this.count === 0 && items.length > keptRoomMax) this.reset();
    return message;
  }

  /** The message at `index` (0 is the oldest), or undefined past the end. */
  at(index: number): Message | undefined {
    const { items } = this;
    return items === null || index >= this.count
      ? undefined
      : items[(this.head + index) & (items.length - 1)];
  }

  /** Takes the message at `index` out; the others keep their order. */
  removeAt(index: number): Message {
    if (index === 0) return this.take();
    const items = this.items as (Message | undefined)[];
    const mask = items.length - 1;
    const message = items[(this.head + index) & mask] as Message;
    // The few that were skipped move up by one: a match is usually near the front.
    for (let i = index; i > 0; i--) items[(this.head + i) & mask] = items[(this.head + i - 1) & mask];
    items[this.head] = undefined;
    this.head = (this.head + 1) & mask;
    this.count--;
    return message;
  }

  private grow(message: Message, always: boolean): boolean {
    if (!always && this.count >= this.capacity) return false;
    const before = this.items;
    const length = before === null ? firstRoom : before.length;
    if (before === null || this.count === length) {
      const items: (Message | undefined)[] = Array.from({ length: before === null ? firstRoom : length * 2 });
      for (let i = 0; i < this.count; i++) items[i] = this.at(i);
      this.items = items;
      this.head = 0;
      this.room = Math.min(items.length, this.capacity);
    }
    const items = this.items as (Message | undefined)[];
    items[(this.head + this.count) & (items.length - 1)] = message;
    this.count++;
    return true;
  }

  private reset(): void {
    this.items = null;
    this.head = 0;
    this.room = 0;
  }
}

/** The mailbox of all who never had a message: it has no room, so nothing is ever put into it. */
export const unused: Mailbox = new Mailbox(0);
