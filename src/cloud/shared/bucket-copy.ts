/**
 * A copy of all keys of a NATS bucket, which one watch of the whole bucket holds up to date, and which answers watches of its keys. It may
 * lag behind the bucket, and so behind what this host has written itself: a watch begins when the copy has all that was there when the
 * last of those writes was acknowledged. It owns its watch of the bucket, and never writes.
 */
import { setTimeout } from "node:timers/promises";
import type { KvBucket, KvEntry, KvWatch, KvWatchEntry } from "../../cluster/kv.ts";
import { isOf, type StoreEntry } from "../store.ts";
import { valueOf } from "./json.ts";

interface Watch {
  readonly of: string;
  readonly hear: (entry: StoreEntry) => void;
}

/** Between two attempts to follow. */
const firstWaitMs = 100;
const waitMsMax = 5000;

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
  /** It is to follow anew. */
  private outdated = false;
  private trying = false;
  private readonly ending = new AbortController();

  constructor(bucket: KvBucket) {
    this.bucket = bucket;
  }

  /** Resolves when all that is there is known. Rejects if the server does not answer. */
  async begin(): Promise<void> {
    const { values } = await this.bucket.status();
    const watch = await this.follow();
    await new Promise<void>((resolve) => {
      if (values === 0) resolve();
      void this.hear(watch, resolve);
    });
  }

  /** The way to the server is another one: follows anew, now or as soon as the server answers. What it has stays meanwhile. */
  again(): void {
    this.outdated = true;
    if (!this.trying) void this.keepTrying();
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
    this.ending.abort();
    this.watches.clear();
    this.waiting.clear();
    this.followed?.stop();
  }

  private async keepTrying(): Promise<void> {
    const { signal } = this.ending;
    this.trying = true;
    for (
      let waitMs = firstWaitMs;
      this.outdated && !signal.aborted;
      waitMs = Math.min(2 * waitMs, waitMsMax)
    ) {
      this.outdated = false;
      try {
        void this.hear(await this.follow(), () => {});
      } catch {
        this.outdated = true;
        // Rejects if it is closed meanwhile.
        await setTimeout(waitMs, undefined, { signal }).catch(() => {});
      }
    }
    this.trying = false;
  }

  /** Watches from what is there on; the watch before it ends when there is this one. */
  private async follow(): Promise<KvWatch> {
    const watch = await this.bucket.watch({ key: ">" });
    this.followed?.stop();
    this.followed = watch;
    if (this.ending.signal.aborted) watch.stop();
    return watch;
  }

  private async hear(watch: KvWatch, caughtUp: () => void): Promise<void> {
    try {
      for await (const entry of watch) {
        if (this.followed !== watch) return;
        this.heard(entry);
        if (entry.delta === 0) caughtUp();
      }
    } catch {
      // It ends here as it does by itself.
    }
    caughtUp();
    if (this.followed === watch) this.again();
  }

  private heard(entry: KvWatchEntry): void {
    if (entry.operation === "PUT") this.take(storeEntry(entry));
    // What was written over meanwhile does not come: only with the last one of all is nothing missing.
    if (entry.delta > 0) return;
    this.complete = entry.revision;
    this.beginSome();
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
