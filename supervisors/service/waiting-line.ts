import {
  CallMessage,
  DownMessage,
  ExitMessage,
  type Cell,
  type ExitReason,
  type Message,
} from "../../kernel/index.ts";

/**
 * The messages that wait in a service while nothing can be passed on: they stay in its mailbox, in their order, and each is
 * looked at once. What is for the service itself is taken out from between them. It decides about no message.
 */
export class WaitingLine {
  /** So many at the mailbox's head were looked at, and wait. */
  count = 0;
  private readonly cell: Cell;
  /** Why a call may not wait; undefined: it may. */
  private readonly refusal: (waiting: number) => ExitReason | undefined;

  constructor(cell: Cell, refusal: (waiting: number) => ExitReason | undefined) {
    this.cell = cell;
    this.refusal = refusal;
  }

  /** The first one was taken. */
  taken(): void {
    if (this.count > 0) this.count--;
  }

  /** Among what has come since: the next one for the service itself, taken out; null: there is none. */
  nextOwn(): Message | null {
    const { mailbox } = this.cell;
    for (;;) {
      const message = mailbox.at(this.count);
      if (message === undefined) return null;
      if (isOwn(message)) return mailbox.removeAt(this.count);
      // Who has given up already hears nothing any more.
      const reason = message instanceof CallMessage && message.waiting ? this.refusal(this.count) : undefined;
      if (!(message instanceof CallMessage) || (message.waiting && reason === undefined)) this.count++;
      else {
        mailbox.removeAt(this.count);
        message.fail("refused", reason ?? "noproc");
      }
    }
  }

  /** All calls that wait; the other messages stay. */
  refuseCalls(reason: ExitReason): void {
    const { mailbox } = this.cell;
    for (let i = 0; i < this.count; ) {
      const message = mailbox.at(i);
      if (message instanceof CallMessage) {
        mailbox.removeAt(i);
        this.count--;
        message.fail("refused", reason);
      } else i++;
    }
  }
}

/** For the service, and not for those behind it. */
export function isOwn(message: Message): boolean {
  const { type } = message;
  // Calls whose names begin with a $ are ours.
  if (type === "$call") return message instanceof CallMessage && message.op.charCodeAt(0) === 36;
  return (
    (type === "exit" || type === "down") && (message instanceof ExitMessage || message instanceof DownMessage)
  );
}
