import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { portError, type ProcessEnd } from "./errors.ts";
import { Guard } from "./guard.ts";
import type { CheckedOptions, Stream } from "./options.ts";
import { addedVariables, defaultPath, startScript } from "./scripts.ts";

/** What is left in the pipes of a process that has ended is read for so long: one that has left the group may hold them open. */
const drainMs = 1000;

/**
 * One OS process with its group, its pipes and its guard. It owns all of them: `release`, or the end of this VM in any way, leaves
 * nothing. It knows no actors; when to start, stop and restart it is its port's affair.
 */
export class OsProcess {
  /** Settled once: it has ended, what was left of its group is killed, and all of its output was handed on. */
  readonly ended: Promise<ProcessEnd>;
  /** True when the guard was ended by somebody else. */
  guardLost = false;
  private readonly options: CheckedOptions;
  private readonly child: ChildProcess;
  private guard: Guard;
  private gone = false;
  private problem: Error | undefined = undefined;

  /** `hear`: what it prints, and undefined at the end of a stream. */
  constructor(options: CheckedOptions, hear: (stream: Stream, bytes: Buffer | undefined) => void) {
    this.options = options;
    // First, so that it is there when the command's process is.
    this.guard = guardFor(options);
    this.child = this.spawn();
    const { child } = this;
    child.on("error", (problem) => {
      this.problem ??= problem;
    });
    // A write that fails tells so itself.
    child.stdin?.on("error", () => {});
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.on("data", (bytes: Buffer) => hear(stream, bytes));
      child[stream]?.on("end", () => hear(stream, undefined));
      child[stream]?.on("error", () => {});
    }
    this.ended = this.follow();
    void this.guard.ended.then((released) => {
      if (!released) this.avenge();
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Resolves when the command runs. Throws `PORT_NOT_SPAWNED`, `PORT_CWD`, `PORT_COMMAND_NOT_FOUND`, `PORT_COMMAND_NOT_EXECUTABLE`,
   * `PORT_LIMIT_REFUSED`.
   */
  async start(): Promise<void> {
    const { child, guard } = this;
    const { pid } = child;
    if (pid === undefined || !(await guard.hold(pid))) {
      await this.ended;
      throw this.refused();
    }
    // Sound: it was asked for as a pipe, and there is a process.
    const line = child.stdio[3] as Duplex;
    let refusal = "";
    await new Promise<void>((resolve) => {
      line.on("data", (bytes: Buffer) => (refusal += bytes.toString()));
      line.on("error", () => resolve());
      line.on("end", () => resolve());
      line.write("go\n");
    });
    line.destroy();
    if (refusal === "") return;
    await this.ended;
    throw this.refused(refusal.trim());
  }

  /** `told`: with nothing when the process's pipe has taken it, else why it will not. */
  write(data: string | Uint8Array, told: (problem?: Error) => void): void {
    const { stdin } = this.child;
    const { command, stdinBytesMax } = this.options;
    if (stdin === null || !stdin.writable) return told(portError("PORT_STDIN_CLOSED", { command }));
    const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
    const waitingBytes = stdin.writableLength;
    if (waitingBytes + bytes > stdinBytesMax && waitingBytes > 0)
      return told(portError("PORT_STDIN_FULL", { command, waitingBytes, bytes, stdinBytesMax }));
    // A write that is cancelled by the end of the process has no problem, says Node.
    stdin.write(data, (problem) => {
      const taken = problem == null && !stdin.destroyed;
      told(taken ? undefined : portError("PORT_STDIN_CLOSED", { command }, problem ?? undefined));
    });
  }

  end(): void {
    this.child.stdin?.end();
  }

  pause(): void {
    if (this.gone) return;
    this.child.stdout?.pause();
    this.child.stderr?.pause();
  }

  resume(): void {
    this.child.stdout?.resume();
    this.child.stderr?.resume();
  }

  /** Ends it in its own way, then by SIGTERM, then by SIGKILL, each after its time. */
  async stop(): Promise<ProcessEnd> {
    if (this.gone) return this.ended;
    const { write, signal, graceMs, termMs } = this.options.stop;
    if (write !== undefined) this.child.stdin?.end(write);
    if (signal !== undefined) this.child.kill(signal);
    const steps = [
      setTimeout(() => this.guard.signal("TERM"), graceMs),
      setTimeout(() => this.guard.signal("KILL"), graceMs + termMs),
    ];
    const end = await this.ended;
    for (const step of steps) clearTimeout(step);
    return end;
  }

  /** Kills all that is left of it, at once. */
  release(): void {
    this.guard.release();
    // It has not become the command yet, and will not.
    this.child.stdio[3]?.destroy();
  }

  private spawn(): ChildProcess {
    const { options } = this;
    try {
      return spawn("/bin/sh", ["-c", startScript, "motes-port", ...startArgs(options)], {
        cwd: "/",
        env: options.env,
        detached: true,
        stdio: ["pipe", "pipe", "pipe", "pipe"],
      });
    } catch (problem) {
      // Some failures come as events, and those of too long arguments as these.
      this.guard.release();
      throw notSpawned(options, problem);
    }
  }

  /** Without a guard it must not live on. Another one ends its group. */
  private avenge(): void {
    if (this.gone) return;
    this.guardLost = true;
    this.child.kill("SIGKILL");
    const { pid } = this.child;
    if (pid === undefined) return;
    this.guard = new Guard();
    const { guard } = this;
    void guard.hold(pid).then(() => guard.release());
  }

  private async follow(): Promise<ProcessEnd> {
    const { child, guard } = this;
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const end = await new Promise<ProcessEnd>((resolve) => {
      child.once("exit", (status, signal) => resolve({ status, signal }));
      if (child.pid === undefined) child.once("error", () => resolve({ status: null, signal: null }));
    });
    this.gone = true;
    guard.release();
    await guard.ended;
    // All that it has said, however far behind the receiver is: what a pipe holds is bounded.
    this.resume();
    const late = setTimeout(() => {
      for (const pipe of child.stdio) (pipe as Readable | null | undefined)?.destroy();
    }, drainMs);
    if (child.pid !== undefined) await closed;
    clearTimeout(late);
    return end;
  }

  private refused(word = ""): Error {
    const { command, cwd, limits, env } = this.options;
    if (word === "cwd") return portError("PORT_CWD", { command, cwd });
    if (word === "nothing")
      return portError("PORT_COMMAND_NOT_FOUND", { command, path: env["PATH"] ?? defaultPath });
    if (word === "no") return portError("PORT_COMMAND_NOT_EXECUTABLE", { command });
    const limit = Object.entries(limits).find(([name]) => name === word);
    if (limit !== undefined)
      return portError("PORT_LIMIT_REFUSED", { command, limit: limit[0], value: Number(limit[1]) });
    return notSpawned(this.options, this.problem ?? "its guard or its shell has ended at once");
  }
}

function guardFor(options: CheckedOptions): Guard {
  try {
    return new Guard();
  } catch (problem) {
    throw notSpawned(options, problem);
  }
}

const notSpawned = ({ command }: CheckedOptions, problem: unknown): Error =>
  portError(
    "PORT_NOT_SPAWNED",
    { command, why: problem instanceof Error ? problem.message : String(problem) },
    problem,
  );

function startArgs({ cwd, limits, env, command, args }: CheckedOptions): readonly string[] {
  const { memoryMb, cpuSeconds, openFiles } = limits;
  const memory = memoryMb === undefined ? "" : memoryMb * 1024;
  const numbers = [memory, cpuSeconds ?? "", openFiles ?? ""].map(String);
  const path = "PATH" in env ? "" : defaultPath;
  // At least one name, so that the shell is not asked to unset nothing.
  const added = ["go", ...addedVariables.filter((name) => !(name in env))].join(" ");
  return [cwd, ...numbers, path, added, command, ...args];
}
