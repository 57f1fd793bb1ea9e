import { crashOf, exit, type Crash, type ExitReason, type Self } from "../../kernel/index.ts";
import { portError, type ProcessEnd } from "./errors.ts";
import { OsProcess } from "./os-process.ts";
import type { CheckedOptions, Stream } from "./options.ts";
import { Output, type Piece, type PortCredit } from "./output.ts";
import { Readiness } from "./ready.ts";
import { Tail } from "./tail.ts";

export interface PortInfo {
  readonly pid: number;
  readonly name: string;
  readonly command: string;
}

/** Why a port ended whose process ended by itself, and not with status 0. */
export interface PortExit extends Crash {
  readonly code: "PORT_EXITED" | "PORT_EXITED_EARLY";
  readonly details: ProcessEnd & {
    readonly name: string;
    readonly command: string;
    /** Of its standard error; of its output, if it has not complained. */
    readonly lastLines: readonly string[];
  };
}

/** Without a subscriber, so long after each `window` of lines: a log does not say that it is behind, and drops what is too much. */
const logPauseMs = 500;

/**
 * One life of a port: its process from the start to the end, and what it prints on its way to the subscriber or the log. It says to
 * its actor when and why to end. All of it ends with the actor.
 */
export class Life {
  readonly process: OsProcess;
  private readonly options: CheckedOptions;
  private readonly self: Self<PortCredit>;
  private readonly output: Output;
  private readonly readiness: Readiness;
  private readonly tail = new Tail();
  private stopping = false;
  private logPause: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(options: CheckedOptions, self: Self<PortCredit>) {
    this.options = options;
    this.self = self;
    this.readiness = new Readiness(options.ready);
    this.output = new Output(options, {
      tell: (piece) => this.tell(piece),
      seen: (stream, text) => {
        this.tail.push(stream, text);
        this.readiness.see(stream, text);
      },
    });
    this.process = new OsProcess(options, (stream, bytes) => this.hear(stream, bytes));
    self.signal.addEventListener("abort", () => {
      this.process.release();
      clearTimeout(this.logPause);
    });
  }

  get info(): PortInfo {
    const { pid = 0 } = this.process;
    const { name, command } = this.options;
    return { pid, name, command };
  }

  /** Resolves when it is ready. Throws what `port` says. */
  async start(): Promise<void> {
    const { self, process } = this;
    const { subscriber } = this.options;
    await process.start();
    await this.untilReady();
    // From here on an exit signal leaves time for an orderly stop.
    self.trapExits();
    if (subscriber !== undefined) self.monitor(subscriber);
    void process.ended.then((end) => this.ended(end));
  }

  more(count: number): void {
    if (!Number.isSafeInteger(count) || count < 1)
      throw portError("PORT_OPTION", { what: "more", expected: "a count of messages", got: String(count) });
    if (this.output.more(count)) this.process.resume();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.process.stop();
    this.end();
  }

  /** It prints no more. */
  private end(): void {
    clearTimeout(this.logPause);
    this.output.end();
  }

  private async untilReady(): Promise<void> {
    const { process, readiness, options } = this;
    const { readyTimeoutMs, name, command } = options;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), readyTimeoutMs);
    const late = new Promise<"late">((resolve) =>
      over.signal.addEventListener("abort", () => resolve("late")),
    );
    const outcome = await Promise.race([readiness.wait(over.signal), process.ended, late]);
    clearTimeout(timer);
    over.abort();
    if (outcome === undefined) return;
    if (outcome === "late") await process.stop();
    this.end();
    const { lines: lastLines } = this.tail;
    if (outcome !== "late") return exit(this.exitOf("PORT_EXITED_EARLY", outcome));
    throw portError("PORT_NOT_READY", {
      name,
      command,
      readyTimeoutMs,
      waitedFor: readiness.text,
      lastLines,
    });
  }

  private ended(end: ProcessEnd): void {
    // Whoever asked it to end has a reason of their own.
    if (this.stopping) return;
    this.end();
    this.self.stop(this.reasonOf(end));
  }

  private reasonOf(end: ProcessEnd): ExitReason {
    const { name, command } = this.options;
    if (this.process.guardLost) return crashOf(portError("PORT_GUARD_LOST", { name, command }));
    return end.status === 0 ? "normal" : this.exitOf("PORT_EXITED", end);
  }

  private exitOf(code: PortExit["code"], end: ProcessEnd): PortExit {
    const { name, command } = this.options;
    const details = { name, command, ...end, lastLines: this.tail.lines };
    const error = portError(code, details);
    return { type: "crash", name: error.name, message: error.message, code, details };
  }

  private hear(stream: Stream, bytes: Buffer | undefined): void {
    const behind = bytes === undefined ? this.output.endOf(stream) : this.output.push(stream, bytes);
    if (!behind) return;
    this.process.pause();
    if (this.options.subscriber === undefined) this.pauseLog();
  }

  private pauseLog(): void {
    clearTimeout(this.logPause);
    this.logPause = setTimeout(() => {
      if (this.output.more(this.options.window)) this.process.resume();
      else this.pauseLog();
    }, logPauseMs);
  }

  /** In a callback of a pipe: what it threw would be nobody's. */
  private tell(piece: Piece): void {
    const { self } = this;
    const { subscriber, name } = this.options;
    if (subscriber === undefined) return log(name, piece);
    try {
      self.send(subscriber, { ...piece, port: self.ref, name });
    } catch (problem) {
      self.stop(crashOf(problem));
    }
  }
}

function log(name: string, piece: Piece): void {
  const text = `${name}: ${piece.type === "line" ? piece.text : `${piece.bytes.length} bytes`}`;
  if (piece.stream === "stdout") console.log(text);
  else console.warn(text);
}
