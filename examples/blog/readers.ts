/** Readers of the blog, in a process of their own: real HTTP over real connections, each reader the next page as soon as it has one. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";

/** What happened in one slice of time. */
export interface Slice {
  /** Its end, in ms since 1970: the clock that two processes share. */
  readonly atMs: number;
  readonly readers: number;
  /** How long each answer took, in ms. */
  readonly latenciesMs: readonly number[];
  /** Why requests failed. */
  readonly failures: readonly string[];
}

const sliceMs = 100;
const requestTimeoutMs = 10_000;

/** The one that drives them. */
export class Readers {
  readonly slices: Slice[] = [];
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
    child.on("message", (slice) => this.slices.push(slice as Slice));
  }

  /** They are there, and do not read yet. */
  static async gather(main: string, origin: string): Promise<Readers> {
    const child = fork(main, ["--readers", origin]);
    await once(child, "message");
    return new Readers(child);
  }

  /** From now on so many. */
  be(count: number): void {
    this.child.send(count);
  }

  /** Ends when all their answers are in. */
  async leave(): Promise<void> {
    this.child.send(-1);
    await once(this.child, "exit");
  }
}

/** The process of the readers. Ends when it is told to, or when who started it has ended. */
export async function read(origin: string, paths: readonly string[]): Promise<void> {
  const crowd = new Crowd(origin, paths);
  process.on("disconnect", () => process.exit());
  const timer = setInterval(() => process.send?.(crowd.take()), sliceMs);
  await new Promise<void>((left) => {
    process.on("message", (count) => {
      if (count === -1) left();
      else crowd.be(Number(count));
    });
  });
  await crowd.leave();
  clearInterval(timer);
  process.send?.(crowd.take(), () => process.disconnect());
}

class Crowd {
  private readonly origin: string;
  private readonly paths: readonly string[];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  private readonly running = new Set<Promise<void>>();
  private wanted = 0;
  private visits = 0;
  private latenciesMs: number[] = [];
  private failures: string[] = [];

  constructor(origin: string, paths: readonly string[]) {
    this.origin = origin;
    this.paths = paths;
  }

  be(count: number): void {
    this.wanted = count;
    for (let at = this.running.size; at < count; at++) {
      const reader = this.reader(at).finally(() => this.running.delete(reader));
      this.running.add(reader);
    }
  }

  async leave(): Promise<void> {
    this.be(0);
    await Promise.all(this.running);
    this.agent.destroy();
  }

  take(): Slice {
    const { latenciesMs, failures } = this;
    this.latenciesMs = [];
    this.failures = [];
    return { atMs: Date.now(), readers: this.running.size, latenciesMs, failures };
  }

  private async reader(at: number): Promise<void> {
    while (at < this.wanted) {
      const startMs = performance.now();
      const failure = await this.visit(this.paths[this.visits++ % this.paths.length] ?? "/");
      if (failure === undefined) this.latenciesMs.push(performance.now() - startMs);
      else this.failures.push(failure);
    }
  }

  /** Undefined: the whole page came. */
  private visit(path: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const request = get(
        `${this.origin}${path}`,
        { agent: this.agent, timeout: requestTimeoutMs },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            text += part;
          });
          response.on("error", (error) => resolve(error.message));
          response.on("end", () => {
            const whole = response.statusCode === 200 && text.endsWith("</footer>\n");
            resolve(whole ? undefined : `${response.statusCode} ${text.slice(0, 80).trim()}`);
          });
        },
      );
      request.on("timeout", () => request.destroy(new Error("no answer in time")));
      request.on("error", (error) => resolve(error.message));
    });
  }
}
