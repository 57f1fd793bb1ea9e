import type { Cell } from "./cell.ts";
import { messageText } from "./crash-report.ts";
import { reasonText, type ExitReason } from "./exit.ts";
import type { Message } from "./message.ts";
import type { Address } from "./ref.ts";

/** One signal of a traced actor. */
export interface TraceEvent {
  /** `received`: put into its mailbox. `exit_signal`: reached it, whatever came of it. `ended`: the last one. */
  readonly type: "received" | "sent" | "exit_signal" | "ended";
  readonly atMs: number;
  readonly actor: string;
  /** Who sent it, or was sent it; `""` where nobody knows. */
  readonly other: string;
  /** The type of the message with its operation, in development with its contents; else the reason. */
  readonly signal: string;
}

export type TraceSink = (event: TraceEvent) => void;

/** What `sys.statistics` gives (OTP: `sys:statistics`). */
export interface Statistics {
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
}

/** Who looks at one actor's signals, and how many there were since somebody began to count. */
export class Observed {
  readonly sinks = new Set<TraceSink>();
  counting = false;
  startedAtMs = 0;
  messagesIn = 0;
  messagesOut = 0;

  get idle(): boolean {
    return this.sinks.size === 0 && !this.counting;
  }
}

/**
 * The actors of one VM whose signals are looked at. A kernel without has none of this, and asks for it only where it already
 * asks whether it runs in development: actors that nobody traces pay nothing.
 */
export class Traces {
  readonly observed = new Map<Cell, Observed>();

  received(cell: Cell, from: Address | null, message: Message): void {
    const observed = this.observed.get(cell);
    if (observed === undefined) return;
    observed.messagesIn++;
    this.tell(cell, observed, "received", from, messageText(message, cell.kernel.development));
  }

  sent(cell: Cell | null, to: Address, message: Message): void {
    const observed = cell === null ? undefined : this.observed.get(cell);
    if (cell === null || observed === undefined) return;
    observed.messagesOut++;
    this.tell(cell, observed, "sent", to, messageText(message, cell.kernel.development));
  }

  exitSignal(cell: Cell, from: Address, reason: ExitReason): void {
    const observed = this.observed.get(cell);
    if (observed !== undefined) this.tell(cell, observed, "exit_signal", from, reasonText(reason));
  }

  ended(cell: Cell, reason: ExitReason): void {
    const observed = this.observed.get(cell);
    if (observed === undefined) return;
    this.observed.delete(cell);
    this.tell(cell, observed, "ended", null, reasonText(reason));
  }

  private tell(
    cell: Cell,
    { sinks }: Observed,
    type: TraceEvent["type"],
    other: Address | null,
    signal: string,
  ): void {
    if (sinks.size === 0) return;
    const event: TraceEvent = {
      type,
      atMs: cell.kernel.platform.now(),
      actor: cell.ref.toString(),
      other: other?.toString() ?? "",
      signal,
    };
    for (const sink of sinks) {
      try {
        sink(event);
      } catch {
        // A fault of the one who looks must not become one of what is looked at.
        sinks.delete(sink);
      }
    }
  }
}
