/**
 * The processes of the show: a NATS server of its own, with the cloud's store, and hosts, each `motes cloud up` or `join`. All of them end
 * with `close`, and nothing is left of them.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const commandLine = join(dirname(fileURLToPath(import.meta.resolve("motes"))), "cli/main.js");

/** One line of a host's events. */
export interface CloudEvent {
  readonly type: string;
  readonly host?: string;
  readonly vms?: number;
}

export class Machines {
  readonly names = ["a", "b", "c"] as const;
  private readonly folder = mkdtempSync(join(tmpdir(), "dust-"));
  private readonly hosts = new Map<string, ChildProcess>();
  private readonly hear: (host: string, event: CloudEvent) => void;
  private readonly lost: (problem: Error) => void;
  private server: ChildProcess | undefined = undefined;
  private url = "";

  /** `lost`: one of them has ended that nobody has told to. */
  constructor(hear: (host: string, event: CloudEvent) => void, lost: (problem: Error) => void) {
    this.hear = hear;
    this.lost = lost;
  }

  /** Rejects if there is no nats-server. */
  async startStore(): Promise<void> {
    const { folder } = this;
    const args = ["-a", "127.0.0.1", "-p", "-1", "-js", "-sd", folder, "--ports_file_dir", folder];
    const watching = watch(folder);
    this.server = spawn("nats-server", args, { stdio: "ignore" });
    const ports = join(folder, `nats-server_${this.server.pid}.ports`);
    const failed = endOf(this.server, "nats-server");
    try {
      while (this.url === "") {
        await Promise.race([once(watching, "change"), failed]);
        this.url = urlIn(ports);
      }
    } finally {
      watching.close();
    }
    failed.catch(this.lost);
  }

  /** `args`: `up cloud.ts`, or `join dust`. */
  start(name: string, ...args: readonly string[]): void {
    const peers = this.names.filter((each) => each !== name).flatMap((each) => ["--peer", each]);
    const options = ["--nats", this.url, "--name", name, "--memory", "20000", "--json", ...peers];
    const host = spawn(process.execPath, [commandLine, "cloud", ...args, ...options], {
      env: this.env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.hosts.set(name, host);
    endOf(host, `host ${name}`).catch((problem: Error) => {
      if (this.hosts.get(name) === host) this.lost(problem);
    });
    createInterface({ input: host.stdout }).on("line", (line) => {
      // Sound: with `--json` each line is an event, or one of the log.
      this.hear(name, JSON.parse(line) as CloudEvent);
    });
  }

  async kill(name: string): Promise<void> {
    const host = this.hosts.get(name);
    this.hosts.delete(name);
    if (host === undefined || host.exitCode !== null || host.signalCode !== null) return;
    host.kill("SIGKILL");
    await once(host, "exit");
  }

  /** `motes cloud <action>`, asked of one host. */
  async ask(action: string, host: string): Promise<string> {
    const args = [commandLine, "cloud", action, "--host", host, "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: this.env }).catch(
      // Its status says whether the cloud is as it should be.
      (problem: { readonly stdout: string }) => problem,
    );
    return stdout;
  }

  /** Of all hosts together, in MB. */
  get memoryMb(): number {
    return [...this.hosts.values()].reduce((sum, { pid }) => sum + residentMb(pid ?? 0), 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.names.map((name) => this.kill(name)));
    this.server?.kill("SIGKILL");
    if (this.server?.pid !== undefined) await once(this.server, "exit");
    rmSync(this.folder, { recursive: true });
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...process.env, MOTES_RUNTIME_DIR: this.folder };
  }
}

/** Rejects when it has ended, or was never there. */
async function endOf(child: ChildProcess, name: string): Promise<never> {
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  throw new Error(`${name} has ended by itself: ${signal ?? `status ${code}`}`);
}

function urlIn(file: string): string {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly nats: readonly string[] }).nats[0] ?? "";
  } catch {
    return "";
  }
}

function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kb ?? 0) / 1024;
}
