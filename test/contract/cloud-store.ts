/** What every store of a cloud promises: compare and set, and watches that hear what is there, that this is all, and each change. */
import { expect } from "vitest";
import type { CloudStore, PutOutcome, StoreEntry } from "../../src/cloud/store.ts";

/** Each test gets keys that were never used. */
export interface CloudStores {
  readonly name: string;
  /** Of the same keys, as from another host. */
  open(): Promise<CloudStore>;
}

type Test = (name: string, body: () => Promise<void>) => void;

export const put = (store: CloudStore, key: string, value: unknown, expected: number): Promise<PutOutcome> =>
  new Promise((resolve) => store.put(key, value, expected, resolve));

export const revisionOf = (outcome: PutOutcome): number => {
  if (outcome.type !== "stored") throw new Error(`it was not stored: ${outcome.type}`);
  return outcome.revision;
};

/** All that a watch hears. */
export class Heard {
  readonly entries: StoreEntry[] = [];
  readonly caughtUp: Promise<void>;
  readonly stop: () => void;
  private news: () => void = () => {};

  constructor(store: CloudStore, of: string) {
    let stop = (): void => {};
    this.caughtUp = new Promise((resolve) => {
      stop = store.watch(
        of,
        (entry) => {
          this.entries.push(entry);
          this.news();
        },
        resolve,
      );
    });
    this.stop = stop;
  }

  async until(fits: (entries: readonly StoreEntry[]) => boolean): Promise<void> {
    while (!fits(this.entries))
      await new Promise<void>((resolve) => {
        this.news = resolve;
      });
  }
}

export function cloudStoreContract(stores: CloudStores, test: Test): void {
  let rooms = 0;
  const given = (name: string, body: (a: CloudStore, b: CloudStore, room: string) => Promise<void>): void =>
    test(`cloud store ${stores.name}: ${name}`, async () =>
      body(await stores.open(), await stores.open(), `room${++rooms}`));

  given("a key is written on the revision that is there, and on no other", async (a, b, room) => {
    const key = `${room}.x`;
    const first = revisionOf(await put(a, key, { n: 1 }, 0));
    expect(await put(b, key, { n: 2 }, 0)).toEqual({
      type: "conflict",
      entry: { key, value: { n: 1 }, revision: first },
    });
    const second = revisionOf(await put(b, key, { n: 2 }, first));
    expect(second).toBeGreaterThan(first);
    expect(await put(a, key, { n: 3 }, first)).toMatchObject({ type: "conflict" });
    expect(await put(a, `${room}.nobody`, 1, first)).toMatchObject({ type: "conflict" });
  });

  given("values come back as they were, numbers without a bound too", async (a, b, room) => {
    const value = { list: [1, -0.5, Infinity, [-Infinity]], text: "ä", none: null, yes: true };
    await put(a, `${room}.x`, value, 0);
    const seen = new Heard(b, `${room}.x`);
    await seen.until(({ length }) => length === 1);
    expect(seen.entries[0]?.value).toEqual(value);
  });

  given("of many who write one revision one does, and the others are told", async (a, b, room) => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => put(n % 2 === 0 ? a : b, `${room}.x`, n, 0)),
    );
    expect(all.filter(({ type }) => type === "stored")).toHaveLength(1);
    expect(all.filter(({ type }) => type === "conflict")).toHaveLength(19);
  });

  given("a watch hears what is there, that this is all, and then each change", async (a, b, room) => {
    await put(a, `${room}.x`, "x", 0);
    await put(a, `${room}.y`, "y", 0);
    await put(a, `${room}z`, "another room", 0);
    const seen = new Heard(b, `${room}.`);
    await seen.until(({ length }) => length === 2);
    await seen.caughtUp;
    expect(seen.entries.map(({ value }) => value)).toEqual(["x", "y"]);
    const [x] = seen.entries;
    await put(a, `${room}.x`, "x again", x?.revision ?? 0);
    await put(b, `${room}.z`, "z", 0);
    await seen.until(({ length }) => length === 4);
    expect(seen.entries.slice(2).map(({ value }) => value)).toEqual(["x again", "z"]);
    seen.stop();
  });

  given("a watch of one key hears of no other, and one that has stopped of none", async (a, b, room) => {
    const [one, stopped] = [new Heard(b, `${room}.x`), new Heard(b, `${room}.x`)];
    await Promise.all([one.caughtUp, stopped.caughtUp]);
    stopped.stop();
    await put(a, `${room}.xx`, 1, 0);
    await put(a, `${room}.x`, 2, 0);
    await one.until(({ length }) => length === 1);
    expect([one.entries[0]?.value, stopped.entries]).toEqual([2, []]);
  });

  given("what was acknowledged is there for each watch that begins after it", async (a, b, room) => {
    for (let n = 0; n < 25; n++) {
      const [x, y] = [`${room}.x${n}`, `${room}.y${n}`];
      await put(b, x, "before", 0);
      await put(a, y, "own", 0);
      const all = [new Heard(a, x), new Heard(a, y)];
      await Promise.all(all.map(({ caughtUp }) => caughtUp));
      expect(all.map(({ entries }) => entries.map(({ value }) => value))).toEqual([["before"], ["own"]]);
      for (const { stop } of all) stop();
    }
  });
}
