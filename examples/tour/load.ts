import { Agent, request } from "node:http";

/** Requests that went to one shard since it was last asked. */
export interface Tally {
  ok: number;
  failed: number;
  /** When the last one failed, and the last one succeeded, in ms of `performance.now`. */
  lastFailureMs: number;
  lastSuccessMs: number;
}

const clients = 4;
const requestTimeoutMs = 3000;

/**
 * Real HTTP requests, without a pause, for as long as it runs: each client puts a key and gets it back, over and over, with the
 * shards in turn.
 */
export class Load {
  private readonly origin: string;
  private readonly keysOf: readonly (readonly string[])[];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: clients });
  private readonly running: Promise<void>[];
  private tallies: Tally[];
  private stopped = false;
  total = 0;

  /** `keysOf[shard]`: keys that this shard owns. */
  constructor(origin: string, keysOf: readonly (readonly string[])[]) {
    this.origin = origin;
    this.keysOf = keysOf;
    this.tallies = this.fresh();
    this.running = Array.from({ length: clients }, (_, client) => this.client(client));
  }

  /** What happened since the last call. */
  take(): readonly Tally[] {
    const taken = this.tallies;
    this.tallies = this.fresh();
    return taken;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
    this.agent.destroy();
  }

  /** One request; its status, or 0 if there was no answer. */
  async ask(
    method: "GET" | "PUT",
    key: string,
    body?: string,
  ): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve) => {
      const outgoing = request(
        `${this.origin}/kv/${encodeURIComponent(key)}`,
        { method, agent: this.agent, timeout: requestTimeoutMs },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => {
            text += part;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
          response.on("error", () => resolve({ status: 0, body: "" }));
        },
      );
      outgoing.on("timeout", () => outgoing.destroy());
      outgoing.on("error", () => resolve({ status: 0, body: "" }));
      outgoing.end(body);
    });
  }

  private fresh(): Tally[] {
    return this.keysOf.map(() => ({ ok: 0, failed: 0, lastFailureMs: 0, lastSuccessMs: 0 }));
  }

  private async client(client: number): Promise<void> {
    for (let round = client; !this.stopped; round++) {
      const shard = round % this.keysOf.length;
      const keys = this.keysOf[shard] ?? [];
      const key = keys[round % keys.length] ?? "";
      const value = String(round);
      const put = await this.ask("PUT", key, value);
      const got = put.status === 204 ? await this.ask("GET", key) : put;
      this.count(shard, put.status === 204 && got.status === 200);
    }
  }

  private count(shard: number, ok: boolean): void {
    const tally = this.tallies[shard];
    if (tally === undefined) return;
    this.total++;
    const nowMs = performance.now();
    if (ok) {
      tally.ok++;
      tally.lastSuccessMs = nowMs;
    } else {
      tally.failed++;
      tally.lastFailureMs = nowMs;
    }
  }
}
