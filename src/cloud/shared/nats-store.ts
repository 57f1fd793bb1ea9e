/**
 * A cloud's store in a key-value bucket of NATS JetStream, from nats-server 2.9 on. Writes go to the bucket, watches are answered from a copy
 * of it. When the way to the server comes back the copy follows anew: what was missed is heard as it is now, in the order of its
 * revisions. Owns its connection.
 */
import { isMotesError } from "../../../kernel/index.ts";
import {
  connectNats,
  defaultHostLinkLimits,
  type NatsClient,
  type NatsServerOptions,
} from "../../../transports/index.ts";
import { isConflict, type KvBucket, type KvOptions, openBucket } from "../../cluster/kv.ts";
import { cloudError } from "../errors.ts";
import type { CloudStore, PutOutcome, StoreEntry } from "../store.ts";
import { BucketCopy, storeEntry } from "./bucket-copy.ts";
import { ImageShelf } from "./image-shelf.ts";
import { textOf } from "./json.ts";

export interface NatsCloudStoreOptions {
  readonly server: NatsServerOptions;
  /** The name of the cloud: each has a bucket of its own, `motes-cloud-<name>`. */
  readonly cloud: string;
  /** Copies of the bucket, if it has to be made: 3 or 5 in a cluster of NATS servers. Default 1. */
  readonly replicas?: 1 | 3 | 5;
  /** For an answer of the server. Default 2000 ms. */
  readonly timeoutMs?: number;
}

/**
 * Connects, and makes the bucket if it is not there. Rejects with `LINK_OPTION`, `LINK_UNREACHABLE`, `LINK_NATS`, `CLOUD_STORE` (no JetStream,
 * no permission).
 */
export async function natsCloudStore(options: NatsCloudStoreOptions): Promise<NatsCloudStore> {
  const { server, cloud, replicas = 1, timeoutMs = 2000 } = options;
  const client = await connectNats(server, `motes cloud ${cloud}`, defaultHostLinkLimits);
  const name = `motes-cloud-${cloud}`;
  try {
    const settings: KvOptions = {
      ttl: 0,
      history: 1,
      replicas,
      storage: "file",
      maxValueSize: -1,
      allow_direct: false,
    };
    const bucket = await openBucket(client, name, timeoutMs, settings);
    const images = await openBucket(client, `${name}-images`, timeoutMs, settings);
    const store = new NatsCloudStore(client, bucket, new ImageShelf(images));
    await store.begin();
    return store;
  } catch (problem) {
    await client.close();
    if (isMotesError(problem)) throw problem;
    throw cloudError("CLOUD_STORE", { where: `the NATS bucket ${name}`, why: messageOf(problem) }, problem);
  }
}

export class NatsCloudStore implements CloudStore {
  readonly shelf: ImageShelf;
  private readonly client: NatsClient;
  private readonly bucket: KvBucket;
  private readonly copy: BucketCopy;
  private closed = false;

  constructor(client: NatsClient, bucket: KvBucket, shelf: ImageShelf) {
    this.client = client;
    this.bucket = bucket;
    this.shelf = shelf;
    this.copy = new BucketCopy(bucket);
  }

  /** Resolves when all that is there is known. */
  async begin(): Promise<void> {
    await this.copy.begin();
    void this.followAgain();
  }

  put(key: string, value: unknown, expected: number, done: (outcome: PutOutcome) => void): void {
    const text = textOf(value);
    const write = expected === 0 ? this.bucket.create(key, text) : this.bucket.update(key, text, expected);
    void write.then(
      (revision) => {
        this.copy.wrote(revision);
        done({ type: "stored", revision });
      },
      async (problem: unknown) => done(await this.refused(key, problem)),
    );
  }

  watch(of: string, hear: (entry: StoreEntry) => void, caughtUp: () => void): () => void {
    return this.copy.watch(of, hear, caughtUp);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.copy.close();
    await this.client.close();
  }

  private async refused(key: string, problem: unknown): Promise<PutOutcome> {
    if (!isConflict(problem)) return { type: "unavailable" };
    try {
      const entry = await this.bucket.get(key);
      if (entry === null || entry.operation !== "PUT") return { type: "conflict", entry: undefined };
      return { type: "conflict", entry: storeEntry(entry) };
    } catch {
      return { type: "unavailable" };
    }
  }

  private async followAgain(): Promise<void> {
    for await (const { type } of this.client.status()) {
      if (this.closed) return;
      if (type === "reconnect") this.copy.again();
    }
  }
}

const messageOf = (problem: unknown): string =>
  problem instanceof Error ? problem.message : String(problem);
