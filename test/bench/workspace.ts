/**
 * One run's temporary directory and child processes: both are gone when the run is over, however it ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "./bench.ts";

/** No contender takes a tenth of this; one that does hangs. */
const CHILD_LIMIT_MS = 180_000;

export interface Workspace {
  readonly directory: string;
  /** Runs a command to its end and answers its standard output; rejects with its standard error if it fails. */
  readonly run: (command: Command, count: number) => Promise<string>;
  readonly close: () => void;
}

export function openWorkspace(): Workspace {
  const directory = mkdtempSync(join(tmpdir(), "motes-bench-"));
  const alive = new Set<ChildProcess>();
  const clean = () => {
    for (const child of alive) child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  };
  const leave = (signal: NodeJS.Signals) => process.exit(signal === "SIGINT" ? 130 : 143);
  process.once("exit", clean);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, leave);
  return {
    directory,
    run: (command, count) => runChild(command, count, directory, alive),
    close() {
      clean();
      process.off("exit", clean);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, leave);
    },
  };
}

function runChild(command: Command, count: number, cwd: string, alive: Set<ChildProcess>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args, String(count)], {
      cwd,
      env: { ...process.env, ...command.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: CHILD_LIMIT_MS,
      killSignal: "SIGKILL",
    });
    alive.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      alive.delete(child);
      if (code === 0) return resolve(stdout);
      const how = code === null ? `was ended by ${signal}` : `exited with ${code}`;
      reject(new Error(`${command.file} ${command.args.join(" ")} ${count} ${how}\n${stderr || stdout}`));
    });
  });
}
