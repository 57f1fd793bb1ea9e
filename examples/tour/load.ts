import { Agent, request } from "node:http";

/** One request that was not answered as it should have been. Times are `performance.now`'s. */
export interface Failure {
  readonly shard: number;
  readonly atMs: number;
  /** Its status and what the service said: `503 CALL_EXIT`. */
  readonly why: string;
}

/** Requests to one shard since the load was last asked. */
export interface Tally {
  ok: number;
  failed: number;
  /** The longest wait for an answer that was as it should be. */
  slowestMs: number;
}

export interface Answer {
  /** 0: there was none. */
  readonly status: number;
  readonly body: string;
}

const requestTimeoutMs = 3000;
const failuresMax = 10_000;

interface Waiting {
  readonly holds: () => boolean;
  readonly resolve: () => void;
}

/**
 * Real HTTP requests, without a pause, for as long as it runs: a client for each shard puts keys and gets them back. So a shard
 * that does not answer holds up its own client only.
 */
export class Load {
  /** All that failed, first to last; of more than 10,000 the first. */
  readonly failures: Failure[] = [];
  sent = 0;
  private readonly origin: string;
  private readonly agent = new Agent({ keepAlive: true });
  private readonly running: readonly Promise<void>[];
  private readonly waiting = new Set<Waiting>();
  private tallies: readonly Tally[];
  private stopped = false;

  /** `keysOf[shard]`: keys that this shard owns. */
  constructor(origin: string, keysOf: readonly (readonly string[])[]) {
    this.origin = origin;
    this.tallies = keysOf.map(fresh);
    this.running = keysOf.map((keys, shard) => this.client(shard, keys));
  }

  /** What happened since the last call. */
  take(): readonly Tally[] {
    const taken = this.tallies;
    this.tallies = taken.map(fresh);
    return taken;
  }

  /** Resolves when every one of `shards` has answered `count` more requests; false: not within `limitMs`. */
  async answered(shards: readonly number[], count: number, limitMs: number): Promise<boolean> {
    const from = this.tallies;
    const goals = shards.map((shard) => (from[shard]?.ok ?? 0) + count);
    const holds = (): boolean =>
      shards.every((shard, index) => (from[shard]?.ok ?? 0) >= (goals[index] ?? 0));
    return new Promise((resolve) => {
      const waiting: Waiting = {
        holds,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.waiting.delete(waiting);
        resolve(false);
      }, limitMs);
      this.waiting.add(waiting);
    });
  }

  /** Ends when the last answer is in. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
    this.agent.destroy();
  }

  async ask(method: "GET" | "PUT", key: string, body?: string): Promise<Answer> {
    return new Promise((resolve) => {
      const none = (problem?: NodeJS.ErrnoException): void =>
        resolve({ status: 0, body: problem?.code ?? "no answer" });
      const url = `${this.origin}/kv/${encodeURIComponent(key)}`;
      const outgoing = request(url, { method, agent: this.agent, timeout: requestTimeoutMs }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on("error", none);
      });
      outgoing.on("timeout", () => outgoing.destroy());
      outgoing.on("error", none);
      outgoing.end(body);
    });
  }

  private async client(shard: number, keys: readonly string[]): Promise<void> {
    for (let round = 0; !this.stopped; round++) {
      const key = keys[round % keys.length] ?? "";
      const value = String(round);
      const put = await this.timed(shard, "PUT", key, value);
      if (put.status === 204) await this.timed(shard, "GET", key, value);
    }
  }

  private async timed(shard: number, method: "GET" | "PUT", key: string, value: string): Promise<Answer> {
    const startMs = performance.now();
    const answer = await this.ask(method, key, method === "PUT" ? value : undefined);
    const ok = method === "PUT" ? answer.status === 204 : answer.status === 200 && answer.body === value;
    this.count(shard, startMs, ok ? undefined : `${answer.status} ${answer.body.split(/[:\n]/, 1)[0]}`);
    return answer;
  }

  private count(shard: number, startMs: number, why: string | undefined): void {
    const tally = this.tallies[shard];
    if (tally === undefined) return;
    const atMs = performance.now();
    this.sent++;
    if (why === undefined) {
      tally.ok++;
      tally.slowestMs = Math.max(tally.slowestMs, atMs - startMs);
    } else {
      tally.failed++;
      if (this.failures.length < failuresMax) this.failures.push({ shard, atMs, why });
    }
    for (const waiting of this.waiting) {
      if (!waiting.holds()) continue;
      this.waiting.delete(waiting);
      waiting.resolve();
    }
  }
}

const fresh = (): Tally => ({ ok: 0, failed: 0, slowestMs: 0 });
