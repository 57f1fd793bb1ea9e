import { connect, type Socket } from "node:net";
import { MotesError } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { asLine, fromLine, TextLines } from "../targets/process/text-lines.ts";
import { asAnswer, type Answer } from "./protocol.ts";

interface Asked {
  next(value: unknown): void;
  done(value: unknown): void;
  failed(problem: Error): void;
}

/** A connection to one host's control socket. Owns the socket. */
export class ControlClient {
  private readonly socket: Socket;
  private readonly asked = new Map<number, Asked>();
  private ids = 0;

  private constructor(socket: Socket, path: string) {
    this.socket = socket;
    const lines = new TextLines((line) => this.hear(asAnswer(fromLine(line))));
    socket.on("data", (bytes) => lines.push(bytes));
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const { failed } of this.asked.values()) failed(srcError("CONTROL_LOST", { path }));
      this.asked.clear();
    });
  }

  /** Throws `CONTROL_LOST`. */
  static async connect(path: string): Promise<ControlClient> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", (problem) => reject(srcError("CONTROL_LOST", { path }, problem)));
    });
    return new ControlClient(socket, path);
  }

  /**
   * Asks, and waits for the last answer; those before it go to `next`. Rejects with what the host's operation threw, under its code,
   * and with `CONTROL_LOST` if the host ends meanwhile.
   */
  ask(
    op: string,
    args: readonly unknown[] = [],
    next: (value: unknown) => void = () => {},
  ): Promise<unknown> {
    const id = ++this.ids;
    const answer = new Promise<unknown>((done, failed) => this.asked.set(id, { next, done, failed }));
    this.socket.write(`${asLine({ id, op, args })}\n`);
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }

  private hear(answer: Answer | undefined): void {
    if (answer === undefined) {
      this.socket.destroy();
      return;
    }
    const asked = this.asked.get(answer.id);
    if (answer.type === "next") return asked?.next(answer.value);
    this.asked.delete(answer.id);
    if (answer.type === "done") asked?.done(answer.value);
    else asked?.failed(new MotesError(answer.code, answer.message, {}));
  }
}
