/**
 * A cloud's store in a key-value bucket of NATS JetStream, from nats-server 2.9 on. It keeps a copy of all keys, which one watch of the whole
 * bucket holds up to date, and answers its own watches from that. When the way to the server comes back the watch begins anew: what was
 * missed is heard as it is now, in the order of its revisions. Owns its connection.
 */
import { isMotesError } from "../../../kernel/index.ts";
import {
  connectNats,
  defaultHostLinkLimits,
  type NatsClient,
  type NatsServerOptions,
} from "../../../transports/index.ts";
import {
  isConflict,
  type KvBucket,
  type KvEntry,
  type KvOptions,
  type KvWatch,
  openBucket,
} from "../../cluster/kv.ts";
import { cloudError } from "../errors.ts";
import { ImageShelf } from "./image-shelf.ts";
import { type CloudStore, isOf, type PutOutcome, type StoreEntry } from "../store.ts";

export interface NatsCloudStoreOptions {
  readonly server: NatsServerOptions;
  /** The name of the cloud: each has a bucket of its own, `motes-cloud-<name>`. */
  readonly cloud: string;
  /** Copies of the bucket, if it has to be made: 3 or 5 in a cluster of NATS servers. Default 1. */
  readonly replicas?: 1 | 3 | 5;
  /** For an answer of the server. Default 2000 ms. */
  readonly timeoutMs?: number;
}

interface Watch {
  readonly of: string;
  readonly hear: (entry: StoreEntry) => void;
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
  private readonly entries = new Map<string, StoreEntry>();
  private readonly watches = new Set<Watch>();
  private followed: KvWatch | undefined = undefined;
  private closed = false;

  constructor(client: NatsClient, bucket: KvBucket, shelf: ImageShelf) {
    this.client = client;
    this.bucket = bucket;
    this.shelf = shelf;
  }

  /** Resolves when all that is there is known. */
  async begin(): Promise<void> {
    await this.follow();
    void this.followAgain();
  }

  put(key: string, value: unknown, expected: number, done: (outcome: PutOutcome) => void): void {
    const text = textOf(value);
    const write = expected === 0 ? this.bucket.create(key, text) : this.bucket.update(key, text, expected);
    void write.then(
      (revision) => done({ type: "stored", revision }),
      async (problem: unknown) => done(await this.refused(key, problem)),
    );
  }

  watch(of: string, hear: (entry: StoreEntry) => void, caughtUp: () => void): () => void {
    const watch = { of, hear };
    let ended = false;
    queueMicrotask(() => {
      if (this.closed || ended) return;
      const present = [...this.entries.values()].filter(({ key }) => isOf(key, of));
      for (const entry of present.sort((a, b) => a.revision - b.revision)) hear(entry);
      this.watches.add(watch);
      caughtUp();
    });
    return () => {
      ended = true;
      this.watches.delete(watch);
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.watches.clear();
    this.followed?.stop();
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

  /** Watches from what is there on; resolves when that is heard. */
  private async follow(): Promise<void> {
    this.followed?.stop();
    const { values } = await this.bucket.status();
    const watch = await this.bucket.watch({ key: ">" });
    this.followed = watch;
    if (this.closed) return watch.stop();
    await new Promise<void>((resolve) => {
      if (values === 0) resolve();
      void this.hear(watch, resolve);
    });
  }

  private async hear(watch: KvWatch, caughtUp: () => void): Promise<void> {
    for await (const entry of watch) {
      if (this.followed !== watch) return;
      if (entry.operation === "PUT") this.take(storeEntry(entry));
      if (entry.isUpdate) caughtUp();
    }
    caughtUp();
  }

  private async followAgain(): Promise<void> {
    for await (const { type } of this.client.status()) {
      if (this.closed) return;
      if (type !== "reconnect") continue;
      // Without an answer the next connection tries again.
      await this.follow().catch(() => {});
    }
  }

  private take(entry: StoreEntry): void {
    const known = this.entries.get(entry.key);
    if (known !== undefined && known.revision >= entry.revision) return;
    this.entries.set(entry.key, entry);
    for (const { of, hear } of this.watches) if (isOf(entry.key, of)) hear(entry);
  }
}

const storeEntry = (entry: KvEntry): StoreEntry => {
  const { key, revision } = entry;
  return { key, value: valueOf(entry.string()), revision };
};

/** What JSON has no number for. */
interface NoNumber {
  readonly $number: string;
}

/** JSON, with numbers that have no bound. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "number" && !Number.isFinite(part)
      ? ({ $number: String(part) } satisfies NoNumber)
      : part,
  );

const valueOf = (text: string): unknown =>
  JSON.parse(text, (_key, part: unknown) =>
    typeof part === "object" && part !== null && "$number" in part ? Number(part.$number) : part,
  );

const messageOf = (problem: unknown): string =>
  problem instanceof Error ? problem.message : String(problem);
