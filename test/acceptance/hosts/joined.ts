import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { MachineOptions, Said } from "./machine.ts";
import type { Report } from "./workload.ts";

const program = fileURLToPath(new URL("../../../dist/test/acceptance/hosts/machine.js", import.meta.url));

type Start = (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/** One host on a machine of a network, with all that it has said. */
export class Joined {
  readonly name: string;
  /** Of its standard error, for when a test fails. */
  complaints = "";
  private readonly child: ChildProcess;
  private readonly unread: Said[] = [];
  private readonly news = new EventEmitter();
  private over = false;

  /** `start`: a program of Node, on some machine. */
  constructor(name: string, options: MachineOptions, start: Start = spawn) {
    this.name = name;
    this.child = start(process.execPath, [program, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error("they were asked for as pipes");
    createInterface({ input: stdout }).on("line", (line) => {
      // Its log goes there too, as lines of JSON of another kind.
      const said = JSON.parse(line) as Said;
      if (typeof said.type !== "string" || "level" in said) return;
      this.unread.push(said);
      this.news.emit("news");
    });
    stderr.on("data", (bytes: Buffer) => {
      this.complaints += bytes.toString();
    });
    this.child.on("close", () => {
      this.over = true;
      this.news.emit("news");
    });
  }

  /** The first that it says, or has said and nobody has asked for, that is so. */
  async says<T extends Said["type"]>(
    type: T,
    fits: (said: Extract<Said, { readonly type: T }>) => boolean = () => true,
  ): Promise<Extract<Said, { readonly type: T }>> {
    for (;;) {
      for (const [index, said] of this.unread.entries()) {
        if (said.type !== type) continue;
        // Sound: its type was looked at.
        const found = said as Extract<Said, { readonly type: T }>;
        if (!fits(found)) continue;
        this.unread.splice(index, 1);
        return found;
      }
      if (this.over) throw new Error(`${this.name} ended without saying ${type}:\n${this.complaints}`);
      await once(this.news, "news");
    }
  }

  up(...names: readonly string[]): Promise<unknown> {
    return Promise.all(names.map((name) => this.says("up", (said) => said.name === name)));
  }

  async down(name: string): Promise<string> {
    return (await this.says("down", (said) => said.name === name)).why;
  }

  async report(): Promise<Report> {
    this.child.stdin?.write("report\n");
    return (await this.says("report")).report;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.over) return;
    this.child.kill("SIGKILL");
    await once(this.child, "close");
  }

  async stop(): Promise<void> {
    if (this.over) return;
    this.child.stdin?.end();
    await once(this.child, "close");
  }
}
