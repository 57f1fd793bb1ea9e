import { expect, test } from "vitest";
import { BucketCopy } from "../../../../src/cloud/shared/bucket-copy.ts";
import type { KvBucket, KvWatch, KvWatchEntry } from "../../../../src/cluster/kv.ts";

/** Entries of a watch, when the test says so. */
class Feed implements KvWatch {
  stopped = false;
  private readonly entries: (KvWatchEntry | Error | undefined)[] = [];
  private news: () => void = () => {};

  /** `delta`: how many more there are. */
  put(key: string, revision: number, delta = 0): void {
    const value = JSON.stringify(`${key} ${revision}`);
    this.add({ key, revision, delta, operation: "PUT", string: () => value });
  }

  fail(): void {
    this.add(new Error("the way is gone"));
  }

  stop(): void {
    this.stopped = true;
    this.add(undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<KvWatchEntry> {
    for (;;) {
      while (this.entries.length > 0) {
        const next = this.entries.shift();
        if (next === undefined) return;
        if (next instanceof Error) throw next;
        yield next;
      }
      await new Promise<void>((resolve) => {
        this.news = resolve;
      });
    }
  }

  private add(entry: KvWatchEntry | Error | undefined): void {
    this.entries.push(entry);
    this.news();
  }
}

/** A bucket that is only watched. */
class Bucket {
  readonly feeds: Feed[] = [];
  values = 1;
  /** Watches that are refused from now on; each is told. */
  readonly refusals: (() => void)[] = [];
  private opened: () => void = () => {};

  readonly kv = {
    status: () => Promise.resolve({ values: this.values, ttl: 0, storage: "file", replicas: 1 }),
    watch: () => {
      if (this.refusals.length > 0) {
        this.refusals.pop()?.();
        return Promise.reject(new Error("no answer"));
      }
      const feed = new Feed();
      this.feeds.push(feed);
      this.opened();
      return Promise.resolve(feed);
    },
    // Sound: the copy asks for no more.
  } as Partial<KvBucket> as KvBucket;

  async feed(nth: number): Promise<Feed> {
    for (;;) {
      const feed = this.feeds[nth];
      if (feed !== undefined) return feed;
      await new Promise<void>((resolve) => {
        this.opened = resolve;
      });
    }
  }
}

/** What a watch has heard, `caughtUp` too. */
const heardOf = (copy: BucketCopy, of: string): string[] => {
  const heard: string[] = [];
  copy.watch(
    of,
    ({ value }) => heard.push(String(value)),
    () => heard.push("caught up"),
  );
  return heard;
};

/** All that is on its way inside the process has arrived. */
const settled = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await Promise.resolve();
};

test("bucket copy: a watch begins when what this host has written before is here, and all that was written before that", async () => {
  const bucket = new Bucket();
  const copy = new BucketCopy(bucket.kv);
  const following = copy.begin();
  const feed = await bucket.feed(0);
  feed.put("leader", 1);
  await following;

  copy.wrote(5);
  const heard = heardOf(copy, "leader");
  feed.put("x", 4);
  await settled();
  expect(heard).toEqual([]);
  // The value of before 5 was written over, and comes later.
  feed.put("x", 6, 1);
  await settled();
  expect(heard).toEqual([]);
  feed.put("leader", 7, 0);
  await settled();
  expect(heard).toEqual(["leader 7", "caught up"]);

  feed.put("leader", 8);
  await settled();
  expect(heard.at(-1)).toBe("leader 8");
  copy.close();
});

test("bucket copy: one that has stopped waiting hears nothing", async () => {
  const bucket = new Bucket();
  bucket.values = 0;
  const copy = new BucketCopy(bucket.kv);
  await copy.begin();
  copy.wrote(1);
  const heard: number[] = [];
  const stop = copy.watch(
    "x",
    ({ revision }) => heard.push(revision),
    () => heard.push(0),
  );
  stop();
  (await bucket.feed(0)).put("x", 1);
  await settled();
  expect(heard).toEqual([]);
  copy.close();
});

test("bucket copy: it follows again when the server answers again, however long that takes, and hears the old watch until then", async () => {
  const bucket = new Bucket();
  const copy = new BucketCopy(bucket.kv);
  const following = copy.begin();
  const first = await bucket.feed(0);
  first.put("x", 1);
  await following;
  const heard = heardOf(copy, "x");

  let refused = 0;
  bucket.refusals.push(
    () => refused++,
    () => refused++,
  );
  copy.again();
  await settled();
  first.put("x", 2);
  await settled();
  expect([refused, first.stopped, heard]).toEqual([1, false, ["x 1", "caught up", "x 2"]]);
  const second = await bucket.feed(1);
  await settled();
  expect([refused, first.stopped]).toEqual([2, true]);
  second.put("x", 2, 0);
  second.put("x", 3, 0);
  await settled();
  expect(heard.slice(3)).toEqual(["x 3"]);
  copy.close();
});

test("bucket copy: a watch that fails, or ends by itself, is followed by another one; and none when it is closed", async () => {
  const bucket = new Bucket();
  bucket.values = 0;
  const copy = new BucketCopy(bucket.kv);
  await copy.begin();
  const heard = heardOf(copy, "x");
  (await bucket.feed(0)).fail();
  (await bucket.feed(1)).stop();
  (await bucket.feed(2)).put("x", 1);
  await settled();
  expect(heard).toEqual(["caught up", "x 1"]);
  copy.close();
  await settled();
  expect([bucket.feeds.length, bucket.feeds[2]?.stopped]).toEqual([3, true]);
});
