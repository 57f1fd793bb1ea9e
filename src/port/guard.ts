import { spawn, type ChildProcess } from "node:child_process";
import { guardScript } from "./scripts.ts";

/**
 * A small process that holds one process group, and kills all of it when it hears no more from us: we end it, our VM is gone, or the
 * host was killed. In a session of its own, so that no signal meant for the host's terminal or group reaches it.
 */
export class Guard {
  private readonly child: ChildProcess;
  /** Settled once: true when it was ended by `release`. */
  readonly ended: Promise<boolean>;
  private released = false;

  constructor() {
    this.child = spawn("/bin/sh", ["-c", guardScript, "motes-port-guard"], {
      cwd: "/",
      env: {},
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const { child } = this;
    this.ended = new Promise((resolve) => {
      const end = (): void => resolve(this.released);
      child.once("exit", end);
      child.once("error", end);
    });
    // It was ended by somebody else, which `ended` tells.
    child.stdin?.on("error", () => {});
    child.stdout?.on("error", () => {});
  }

  /** Resolves when it has the group, which is then killed whatever happens to us. False: there is no guard. */
  async hold(group: number): Promise<boolean> {
    const { child } = this;
    if (child.pid === undefined) return false;
    const held = new Promise<boolean>((resolve) => child.stdout?.once("data", () => resolve(true)));
    child.stdin?.write(`${group}\n`);
    return Promise.race([held, this.ended.then(() => false)]);
  }

  /** To all of the group. */
  signal(name: string): void {
    this.child.stdin?.write(`${name.replace(/^SIG/, "")}\n`);
  }

  /** Kills what is left of the group, and ends. */
  release(): void {
    this.released = true;
    this.child.stdin?.destroy();
    this.child.stdout?.destroy();
  }
}
