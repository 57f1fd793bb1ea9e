/**
 * Leases in a bucket of NATS JetStream's key-value store, from nats-server 2.9 on: compare-and-set by the revision of a key, and expiry of the
 * whole bucket, which only clears away what nobody has held for long. It owns its connection. Nothing rests on a watch, on a key's own
 * expiry, or on a server's clock.
 */
import { isMotesError } from "../../kernel/index.ts";
import {
  connectNats,
  defaultHostLinkLimits,
  isHostName,
  type NatsClient,
  type NatsServerOptions,
} from "../../transports/index.ts";
import { clusterError } from "./errors.ts";
import { isConflict, openBucket, type KvBucket, type KvWatch } from "./kv.ts";
import { recordBytesMax, ttlMsMax } from "./lease-record.ts";
import type { LeaseChange, LeaseEntry, LeaseStore, LeaseWrite } from "./lease-store.ts";

export interface NatsLeaseStoreOptions {
  readonly server: NatsServerOptions;
  /** As of its hosts: each cluster has a bucket of its own, `motes-leases-<cluster>`. */
  readonly cluster: string;
  /** Copies of the bucket, if it has to be made: 3 or 5 in a cluster of NATS servers. Default 1. */
  readonly replicas?: 1 | 3 | 5;
  /** For an answer of the server. Default 2000 ms; a lease may give up on one before. */
  readonly timeoutMs?: number;
}

/** What nobody has written for a day is nobody's. Far above every lease, so that a server's clock may be set meanwhile. */
const bucketTtlMs = 24 * ttlMsMax;

/**
 * Connects, and makes the bucket if it is not there. Rejects with `LINK_OPTION`, `LINK_UNREACHABLE`, `LINK_NATS`; `LEASE_OPTION`;
 * `LEASE_STORE_UNFIT` (no JetStream, no permission, or a bucket that forgets too soon).
 */
export async function natsLeaseStore(options: NatsLeaseStoreOptions): Promise<LeaseStore> {
  const { server, cluster, replicas = 1, timeoutMs = 2000 } = options;
  if (!isHostName(cluster))
    throw clusterError("LEASE_OPTION", {
      option: "cluster",
      expected: "1 to 63 letters, digits, - and _ that starts and ends with a letter or digit",
      got: cluster,
    });
  const client = await connectNats(server, `motes ${cluster} leases`, defaultHostLinkLimits);
  const name = `motes-leases-${cluster}`;
  try {
    const bucket = await openBucket(client, name, timeoutMs, {
      ttl: bucketTtlMs,
      history: 1,
      replicas,
      storage: "file",
      maxValueSize: recordBytesMax,
      allow_direct: false,
    });
    const { ttl } = await bucket.status();
    if (ttl !== 0 && ttl < bucketTtlMs)
      throw unfit(name, `its keys expire after ${ttl} ms, and have to live for ${bucketTtlMs} ms`);
    return new NatsLeaseStore(client, bucket);
  } catch (problem) {
    await client.close();
    throw isMotesError(problem) ? problem : unfit(name, messageOf(problem), problem);
  }
}

class NatsLeaseStore implements LeaseStore {
  private readonly client: NatsClient;
  private readonly bucket: KvBucket;
  private readonly watches = new Set<Watch>();

  constructor(client: NatsClient, bucket: KvBucket) {
    this.client = client;
    this.bucket = bucket;
  }

  async get(key: string): Promise<LeaseEntry | undefined> {
    const entry = await this.bucket.get(key).catch(failed);
    if (entry === null || entry.operation !== "PUT") return undefined;
    return { value: entry.string(), revision: entry.revision };
  }

  create(key: string, value: string): Promise<LeaseWrite> {
    return written(this.bucket.create(key, value));
  }

  update(key: string, value: string, revision: number): Promise<LeaseWrite> {
    return written(this.bucket.update(key, value, revision));
  }

  delete(key: string, revision: number): Promise<LeaseWrite> {
    // The client does not say which revision the deletion got; nobody builds on it.
    return written(this.bucket.delete(key, { previousSeq: revision }).then(() => revision + 1));
  }

  watch(key: string, tell: (change: LeaseChange) => void): () => void {
    const watch = new Watch(this.bucket, key, tell);
    this.watches.add(watch);
    return () => {
      this.watches.delete(watch);
      watch.stop();
    };
  }

  async close(): Promise<void> {
    for (const watch of this.watches) watch.stop();
    this.watches.clear();
    await this.client.close();
  }
}

class Watch {
  private stopped = false;
  private open: KvWatch | undefined = undefined;

  constructor(bucket: KvBucket, key: string, tell: (change: LeaseChange) => void) {
    // One that cannot be had, or that ends, saves no time any more, and that is all.
    void this.follow(bucket, key, tell).catch(() => {});
  }

  stop(): void {
    this.stopped = true;
    this.open?.stop();
  }

  private async follow(bucket: KvBucket, key: string, tell: (change: LeaseChange) => void): Promise<void> {
    const open = await bucket.watch({ key });
    this.open = open;
    if (this.stopped) return open.stop();
    for await (const entry of open) {
      if (this.stopped) return;
      const { revision, operation } = entry;
      tell({ revision, value: operation === "PUT" ? entry.string() : undefined });
    }
  }
}

async function written(write: Promise<number>): Promise<LeaseWrite> {
  try {
    return { type: "done", revision: await write };
  } catch (problem) {
    return isConflict(problem) ? { type: "conflict" } : failed(problem);
  }
}

function failed(problem: unknown): never {
  throw clusterError("LEASE_STORE", { why: `NATS: ${messageOf(problem)}` }, problem);
}

const unfit = (name: string, why: string, cause?: unknown): Error =>
  clusterError(
    "LEASE_STORE_UNFIT",
    {
      where: `the NATS bucket ${name}`,
      why,
      advice:
        "It takes a server with JetStream, a user who may use it (docs/hosts.md), and a bucket that motes has made.",
    },
    cause,
  );

const messageOf = (problem: unknown): string =>
  problem instanceof Error ? problem.message : String(problem);
