import type { Duplex } from "node:stream";
import { fromLine, TextLines } from "../process/text-lines.ts";
import { isObject } from "../protocol.ts";

type Message = Readonly<Record<string, unknown>>;

/**
 * QEMU's own protocol (QMP, `qapi/` in its sources), as far as snapshots need it: commands, one after the other, each with its
 * answer, and the wait for an event. Whatever waits is rejected when QEMU ends.
 */
export class Monitor {
  private readonly socket: Duplex;
  private waiting: {
    readonly is: (message: Message) => boolean;
    readonly done: (message: Message) => void;
  }[] = [];
  private failures: (() => void)[] = [];

  constructor(socket: Duplex) {
    this.socket = socket;
    const lines = new TextLines((line) => this.hear(fromLine(line)));
    socket.on("data", (bytes: Buffer) => lines.push(bytes));
    socket.on("error", () => this.fail());
    socket.on("close", () => this.fail());
  }

  /** Rejects if QEMU refuses it. */
  async command(execute: string, given: object = {}): Promise<unknown> {
    const answered = this.next(execute, (message) => "return" in message || "error" in message);
    this.socket.write(`${JSON.stringify({ execute, arguments: given })}\n`);
    const answer = await answered;
    if ("error" in answer) throw new Error(`QEMU refuses ${execute}: ${JSON.stringify(answer["error"])}`);
    return answer["return"];
  }

  /** Rejects if it ends before. */
  async event(name: string): Promise<void> {
    await this.next(name, (message) => message["event"] === name);
  }

  private next(what: string, is: (message: Message) => boolean): Promise<Message> {
    return new Promise((done, reject) => {
      this.waiting.push({ is, done });
      this.failures.push(() => reject(new Error(`QEMU ended before ${what}`)));
    });
  }

  private hear(message: unknown): void {
    if (!isObject(message)) return;
    const found = this.waiting.find(({ is }) => is(message));
    if (found === undefined) return;
    this.waiting = this.waiting.filter((each) => each !== found);
    found.done(message);
  }

  private fail(): void {
    for (const failure of this.failures.splice(0)) failure();
  }
}
