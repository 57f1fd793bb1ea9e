/**
 * What of a NATS key-value bucket is used here, in words of our own: the client's types do not hold under this project's settings. It is
 * loaded only where a program asks for NATS.
 */
import type { NatsClient } from "../../transports/index.ts";

export interface KvEntry {
  readonly key: string;
  readonly revision: number;
  readonly operation: string;
  string(): string;
}

export interface KvWatchEntry extends KvEntry {
  /** How many more there were to come when the server has sent it. */
  readonly delta: number;
}

/** A watch: ends by `stop`. */
export interface KvWatch extends AsyncIterable<KvWatchEntry> {
  stop(): void;
}

export interface KvBucket {
  get(key: string): Promise<KvEntry | null>;
  put(key: string, value: string): Promise<number>;
  create(key: string, value: string): Promise<number>;
  update(key: string, value: string, revision: number): Promise<number>;
  delete(key: string, options: { readonly previousSeq: number }): Promise<void>;
  watch(options: { readonly key: string }): Promise<KvWatch>;
  /** `values`: how many keys there are. */
  status(): Promise<{
    readonly values: number;
    readonly ttl: number;
    readonly storage: string;
    readonly replicas: number;
  }>;
}

export interface KvOptions {
  /** Keys that are not written for so long vanish. */
  readonly ttl: number;
  readonly history: number;
  readonly replicas: number;
  readonly storage: "file";
  readonly maxValueSize: number;
  /** False: reads are answered by the leader of the bucket. */
  readonly allow_direct: false;
}

/** Makes the bucket, or opens the one that is there, whatever its options. */
export async function openBucket(
  client: NatsClient,
  name: string,
  timeoutMs: number,
  options: KvOptions,
): Promise<KvBucket> {
  const { jetstream } = await import("#nats-jetstream");
  const { Kvm } = await import("#nats-kv");
  return new Kvm(jetstream(client, { timeout: timeoutMs })).create(name, options);
}

/** Of JetStream's own errors: the last revision of the key is another one. The second is that of servers from 2.11 on. */
const conflictCodes: readonly unknown[] = [10071, 10164];

/** Somebody else has written the key. */
export const isConflict = (problem: unknown): boolean =>
  typeof problem === "object" &&
  problem !== null &&
  "code" in problem &&
  conflictCodes.includes(problem.code);
