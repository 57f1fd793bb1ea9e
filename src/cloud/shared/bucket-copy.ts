/**
 * A copy of all keys of a NATS bucket, which one watch of the whole bucket holds up to date, and which answers watches of its keys. It may
 * lag behind the bucket, and so behind what this host has written itself: a watch begins when the copy has all that was there when the
 * last of those writes was acknowledged. It owns its watch of the bucket, and never writes.
 */
import type { KvBucket, KvEntry, KvWatch } from "../../cluster/kv.ts";
import { isOf, type StoreEntry } from "../store.ts";
import { valueOf } from "./json.ts";

interface Watch {
  readonly of: string;
  readonly hear: (entry: StoreEntry) => void;
}

interface Waiting {
  readonly revision: number;
  readonly begin: () => void;
}

export class BucketCopy {
  private readonly bucket: KvBucket;
  private readonly entries = new Map<string, StoreEntry>();
  private readonly watches = new Set<Watch>();
  private readonly waiting = new Set<Waiting>();
  private followed: KvWatch | undefined = undefined;
  /** The last write of this host that is known to have arrived. */
  private acknowledged = 0;
  /** The bucket as of this revision, or later, is all here. */
  private complete = 0;
  private closed = false;

  constructor(bucket: KvBucket) {
    this.bucket = bucket;
  }

  /** Watches from what is there on; resolves when that is heard. Rejects if the server does not answer. */
  async follow(): Promise<void> {
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

  /** A write of this host was acknowledged under this revision: no watch begins before it is here. */
  wrote(revision: number): void {
    this.acknowledged = Math.max(this.acknowledged, revision);
  }

  watch(of: string, hear: (entry: StoreEntry) => void, caughtUp: () => void): () => void {
    const watch = { of, hear };
    const waiting = {
      revision: this.acknowledged,
      begin: (): void => {
        const present = [...this.entries.values()].filter(({ key }) => isOf(key, of));
        for (const entry of present.sort((a, b) => a.revision - b.revision)) hear(entry);
        this.watches.add(watch);
        caughtUp();
      },
    };
    this.waiting.add(waiting);
    queueMicrotask(() => this.beginSome());
    return () => {
      this.waiting.delete(waiting);
      this.watches.delete(watch);
    };
  }

  close(): void {
    this.closed = true;
    this.watches.clear();
    this.waiting.clear();
    this.followed?.stop();
  }

  private async hear(watch: KvWatch, caughtUp: () => void): Promise<void> {
    for await (const entry of watch) {
      if (this.followed !== watch) return;
      if (entry.operation === "PUT") this.take(storeEntry(entry));
      // What was written over meanwhile does not come: only with the last one of all is nothing missing.
      if (entry.delta > 0) continue;
      this.complete = entry.revision;
      this.beginSome();
      caughtUp();
    }
    caughtUp();
  }

  private take(entry: StoreEntry): void {
    const known = this.entries.get(entry.key);
    if (known !== undefined && known.revision >= entry.revision) return;
    this.entries.set(entry.key, entry);
    for (const { of, hear } of this.watches) if (isOf(entry.key, of)) hear(entry);
  }

  private beginSome(): void {
    for (const one of this.waiting) {
      if (one.revision > this.complete) continue;
      this.waiting.delete(one);
      one.begin();
    }
  }
}

/** Read when it is looked at: most of a bucket is for others. */
export function storeEntry(entry: KvEntry): StoreEntry {
  const { key, revision } = entry;
  let read: { readonly value: unknown } | undefined;
  return {
    key,
    revision,
    get value() {
      read ??= { value: valueOf(entry.string()) };
      return read.value;
    },
  };
}
