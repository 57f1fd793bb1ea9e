import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { isMotesError } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { asLine, fromLine, TextLines } from "../targets/process/text-lines.ts";
import { makeSocketPath } from "./place.ts";
import { asRequest, type Answer, type Request } from "./protocol.ts";

/** One thing that a host can be asked: its answer, or a stream of them. What it throws is the answer, too. */
export type Operation = (...args: readonly unknown[]) => unknown;

/** Answers `motes ps` and the like for one host, on a socket of its own. Nothing of it is left after `close`. */
export class ControlServer {
  readonly path: string;
  private readonly operations: Readonly<Record<string, Operation>>;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(path: string, operations: Readonly<Record<string, Operation>>) {
    this.path = path;
    this.operations = operations;
    this.server = createServer((socket) => this.accept(socket));
    // It answers for as long as there is something to ask about, and holds nothing up.
    this.server.unref();
  }

  /** Throws `CONTROL_FOLDER`. */
  static async open(folder: string, operations: Readonly<Record<string, Operation>>): Promise<ControlServer> {
    const path = makeSocketPath(folder);
    const made = new ControlServer(path, operations);
    await new Promise<void>((resolve, reject) => {
      made.server.once("error", (problem) =>
        reject(srcError("CONTROL_FOLDER", { folder, why: String(problem) }, problem)),
      );
      made.server.listen(path, resolve);
    });
    return made;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.path, { force: true });
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.unref();
    const lines = new TextLines((line) => {
      const request = asRequest(fromLine(line));
      if (request === undefined) socket.destroy();
      else void this.answer(socket, request);
    });
    socket.on("data", (bytes) => lines.push(bytes));
    // Whoever asked has gone.
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(socket));
  }

  private async answer(socket: Socket, { id, op, args }: Request): Promise<void> {
    try {
      const operation = Object.hasOwn(this.operations, op) ? this.operations[op] : undefined;
      if (operation === undefined)
        throw srcError("CONTROL_UNKNOWN", { op, known: Object.keys(this.operations) });
      const value: unknown = await operation(...args);
      if (isStream(value)) await this.stream(socket, id, value);
      else tell(socket, { id, type: "done", value });
    } catch (problem) {
      tell(socket, { id, type: "failed", ...failure(problem) });
    }
  }

  private async stream(socket: Socket, id: number, values: AsyncIterable<unknown>): Promise<void> {
    for await (const value of values) {
      if (socket.destroyed) return;
      // One who does not read is waited for.
      if (!tell(socket, { id, type: "next", value }))
        await new Promise<void>((resolve) => {
          socket.once("drain", resolve);
          socket.once("close", resolve);
        });
    }
    tell(socket, { id, type: "done", value: undefined });
  }
}

function failure(problem: unknown): { readonly code: string; readonly message: string } {
  const code = isMotesError(problem) ? problem.code : "BUG";
  return { code, message: problem instanceof Error ? problem.message : String(problem) };
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** False: it has not been read yet. */
function tell(socket: Socket, answer: Answer): boolean {
  const line = asLine(answer) ?? asLine({ id: answer.id, type: "failed", ...tooLong });
  return socket.destroyed || socket.write(`${line}\n`);
}

const tooLong = failure(srcError("CONTROL_ANSWER", undefined));
