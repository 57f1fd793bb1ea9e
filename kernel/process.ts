import { Behavior, defines, type Definition } from "./behavior.ts";
import type { Cell } from "./cell.ts";
import { DEAD } from "./status.ts";
import { die, finish } from "./death.ts";
import type { ExitReason } from "./exit.ts";
import type { MailboxOptions } from "./mailbox.ts";
import type { Message } from "./message.ts";
import { selfOf } from "./actor-self.ts";
import type { Self } from "./self.ts";
import { ignore } from "./start.ts";
import { noState } from "./sys.ts";
import type { Wait } from "./wait.ts";
import { PromiseWork, workOf } from "./work.ts";

export interface ProcessOptions {
  /** For logs and crash reports. Default: the function's name, or `process`. */
  readonly label?: string;
  readonly mailbox?: MailboxOptions;
  /**
   * When the one who `start`s it may go on: `"explicit"` at `self.ready(info)`; by default as soon as it waits for the first
   * time. A body that ends or throws before has failed to start; one that returns `ignore` chose not to.
   */
  readonly ready?: "explicit";
}

/** What a body may be: a generator (cheapest), or an async function. Returning is exit reason `normal`. */
export type Body<M, A extends readonly unknown[]> = (
  self: Self<M>,
  ...args: A
) => Generator<Wait<unknown>, void, unknown> | Promise<void>;

/**
 * An actor as straight-line code with selective receive (OTP: `spawn` and `receive`).
 *
 * @example
 * const ponger = process(function* (self: Self<Ping>) {
 *   for (;;) {
 *     const { from } = yield* self.receive("ping");
 *     self.send(from, { type: "pong" });
 *   }
 * });
 */
export function process<M, A extends readonly unknown[], Info extends object = object>(
  body: Body<M, A>,
  options: ProcessOptions = {},
): Definition<A, M, Info> {
  // Sound: the kernel calls the body with the very arguments that `spawn` was typed to take.
  return defines(new ProcessBehavior(body as unknown as Body<unknown, readonly unknown[]>, options));
}

/** Also the base of what is a process with more to say about itself: a supervisor. */
export class ProcessBehavior extends Behavior {
  readonly stopsAtWait = true;
  private readonly body: Body<unknown, readonly unknown[]>;
  private readonly explicit: boolean;

  constructor(body: Body<unknown, readonly unknown[]>, options: ProcessOptions) {
    super(options.label ?? (body.name || "process"), options.mailbox);
    this.body = body;
    this.explicit = options.ready === "explicit";
  }

  override begin(cell: Cell): void {
    const args = cell.takeArgs();
    const result = this.body(selfOf(cell), ...args);
    const work = workOf(cell, result, returned, undefined);
    if (work === null) return returned(cell, result);
    cell.follow(work);
    if (this.explicit || cell.starting === null) return;
    if (!(work instanceof PromiseWork)) return waits(cell);
    // Whether an async body has ended or waits is known one step later: its own promise was heard first.
    void Promise.resolve().then(() => {
      if (work.open) waits(cell);
    });
  }

  /** Never called: a process has work for as long as it lives, and takes its messages itself. */
  override handle(_cell: Cell, _message: Message): void {}

  override lastWords(_cell: Cell, _reason: ExitReason): void {}

  override replaceState(cell: Cell): void {
    throw noState(cell);
  }
}

function waits(cell: Cell): void {
  if (cell.status !== DEAD && cell.stopping === null) cell.starting?.succeed({});
}

function returned(cell: Cell, value: unknown): void {
  if (value === ignore) return die(cell, "normal", true);
  finish(cell, "normal");
}
