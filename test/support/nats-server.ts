/**
 * A nats-server of a test's own, on a port and in a folder of its own. It is the first one on the PATH: to try another version, put its
 * folder in front.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { eventually } from "../src/eventually.ts";

/** Why there can be none; undefined if there can. */
export const missingNats: string | undefined = found("nats-server")
  ? undefined
  : "nats-server is not installed";

export class NatsServer {
  /** The same after a restart. */
  port = -1;
  private readonly folder: string;
  private readonly config: string;
  private child: ChildProcess | undefined = undefined;

  private constructor(config: string) {
    this.folder = mkdtempSync(join(tmpdir(), "nats-"));
    this.config = join(this.folder, "server.conf");
    writeFileSync(this.config, config);
  }

  /** `config` in the server's own language; `files` are written beside it, and `DIR` in the config is where. */
  static async start(config = "", files: Readonly<Record<string, string>> = {}): Promise<NatsServer> {
    const server = new NatsServer("");
    for (const [name, text] of Object.entries(files)) writeFileSync(join(server.folder, name), text);
    writeFileSync(server.config, config.replaceAll("DIR", server.folder));
    await server.run();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async run(): Promise<void> {
    const args = [
      "-a",
      "127.0.0.1",
      "-p",
      String(this.port),
      "--ports_file_dir",
      this.folder,
      "-c",
      this.config,
    ];
    const child = spawn("nats-server", args, { stdio: ["ignore", "ignore", "pipe"] });
    this.child = child;
    let said = "";
    child.stderr.on("data", (bytes: Buffer) => {
      said += bytes.toString();
    });
    const ports = join(this.folder, `nats-server_${child.pid}.ports`);
    const urls = await eventually(
      () => {
        if (child.exitCode !== null) throw new Error(`nats-server ended:\n${said}`);
        return portsIn(ports);
      },
      (read) => read !== undefined,
    );
    this.port = Number(new URL(urls?.[0] ?? "").port);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

function portsIn(file: string): readonly string[] | undefined {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly nats: readonly string[] }).nats;
  } catch {
    return undefined;
  }
}

function found(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
