import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A compiled program as a child process, with its output as it comes. */
export class Running {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ran>;
  private readonly child: ChildProcess;

  /** `through`: a command that becomes another one, with its arguments. */
  constructor(
    file: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    through: readonly string[] = [],
  ) {
    const [command = process.execPath, ...words] = [...through, process.execPath, file, ...args];
    this.child = spawn(command, words, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (bytes: Buffer) => {
      this.stdout += bytes.toString();
    });
    this.child.stderr?.on("data", (bytes: Buffer) => {
      this.stderr += bytes.toString();
    });
    this.ended = once(this.child, "close").then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** Resolves with the output once it matches; rejects if the program ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match !== null) return match;
      const ended = await Promise.race([once(this.child.stdout ?? this.child, "data"), this.ended]);
      if (!Array.isArray(ended))
        throw new Error(`ended without saying ${pattern}:\n${this.stdout}${this.stderr}`);
    }
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** As the machine does that runs out of memory. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  interrupt(): void {
    this.child.kill("SIGINT");
  }
}

/** `motes ...` */
export const motes = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  through?: readonly string[],
): Running => new Running(main, args, env, through);
