/** What every store of leases promises: compare-and-set, revisions that only grow, and watches that tell the newest. */
import { expect } from "vitest";
import type { LeaseChange, LeaseStore } from "../../src/cluster/lease-store.ts";
import { eventually } from "../src/eventually.ts";

/** Each test gets a key that was never used. */
export interface LeaseStores {
  readonly name: string;
  /** Of the same leases, as from another host; closed by the test. */
  open(): Promise<LeaseStore>;
}

type Test = (name: string, body: () => Promise<void>) => void;

export function leaseStoreContract(stores: LeaseStores, test: Test): void {
  let keys = 0;
  const given = (
    name: string,
    body: (store: LeaseStore, key: string, other: LeaseStore) => Promise<void>,
  ): void =>
    test(`lease store ${stores.name}: ${name}`, async () => {
      const [store, other] = [await stores.open(), await stores.open()];
      try {
        await body(store, `name.${++keys}`, other);
      } finally {
        await store.close();
        await other.close();
      }
    });

  given("what is created is read by others, with its revision", async (store, key, other) => {
    expect(await other.get(key)).toBeUndefined();
    const made = await store.create(key, "a");
    expect(made).toEqual({ type: "done", revision: revisionOf(made) });
    expect(await other.get(key)).toEqual({ value: "a", revision: revisionOf(made) });
  });

  given("only one of many creates a key, and the others are told", async (store, key, other) => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : other).create(key, `${index}`)),
    );
    expect(all.filter(({ type }) => type === "done")).toHaveLength(1);
    expect(all.filter(({ type }) => type === "conflict")).toHaveLength(19);
    const winner = all.findIndex(({ type }) => type === "done");
    expect(await store.get(key)).toMatchObject({ value: `${winner}` });
  });

  given("an update is done on the revision that is there, and on no other", async (store, key, other) => {
    const first = revisionOf(await store.create(key, "a"));
    const second = revisionOf(await other.update(key, "b", first));
    expect(second).toBeGreaterThan(first);
    expect(await store.update(key, "c", first)).toEqual({ type: "conflict" });
    expect(await store.update(key, "c", second + 1)).toEqual({ type: "conflict" });
    expect(await store.get(key)).toEqual({ value: "b", revision: second });
  });

  given("only one of many updates the same revision", async (store, key, other) => {
    const first = revisionOf(await store.create(key, "a"));
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).update(key, `${index}`, first),
      ),
    );
    expect(all.filter(({ type }) => type === "done")).toHaveLength(1);
    expect(all.filter(({ type }) => type === "conflict")).toHaveLength(19);
  });

  given(
    "a deletion goes by the revision, too, and what is created after it has a greater one",
    async (store, key, other) => {
      const first = revisionOf(await store.create(key, "a"));
      const second = revisionOf(await store.update(key, "b", first));
      expect(await other.delete(key, first)).toEqual({ type: "conflict" });
      expect((await other.delete(key, second)).type).toBe("done");
      expect(await store.get(key)).toBeUndefined();
      expect(await store.update(key, "c", second)).toEqual({ type: "conflict" });
      expect(await store.delete(key, second)).toEqual({ type: "conflict" });
      expect(revisionOf(await other.create(key, "d"))).toBeGreaterThan(second);
      expect(await store.get(key)).toMatchObject({ value: "d" });
    },
  );

  given("what was never there cannot be updated or deleted", async (store, key) => {
    expect(await store.update(key, "a", 1)).toEqual({ type: "conflict" });
    expect(await store.delete(key, 1)).toEqual({ type: "conflict" });
    expect(await store.get(key)).toBeUndefined();
  });

  given("revisions grow over all keys: a token is never given twice", async (store, key, other) => {
    const revisions: number[] = [];
    for (let round = 0; round < 5; round++)
      for (const name of ["x", "y"])
        revisions.push(
          revisionOf(await (round % 2 === 0 ? store : other).create(`${key}.${name}.${round}`, "a")),
        );
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(new Set(revisions).size).toBe(revisions.length);
  });

  given(
    "a watch tells what is there, what comes and what is deleted, of its key only",
    async (store, key, other) => {
      const first = revisionOf(await store.create(key, "a"));
      await store.create(`${key}.other`, "x");
      const told: LeaseChange[] = [];
      const stop = other.watch(key, (change) => told.push(change));
      await eventually(
        () => told,
        ([change]) => change?.value === "a",
      );
      const second = revisionOf(await store.update(key, "b", first));
      // A watch may pass over what was gone before it came to it.
      await eventually(
        () => told.at(-1),
        (change) => change?.value === "b",
      );
      await store.delete(key, second);
      await eventually(
        () => told.at(-1),
        (change) => change !== undefined && change.value === undefined,
      );
      expect(told.map(({ value }) => value)).toEqual(["a", "b", undefined]);
      expect(told.slice(0, 2).map(({ revision }) => revision)).toEqual([first, second]);
      expect(told[2]?.revision).toBeGreaterThan(second);
      stop();
      await store.create(key, "c");
      const late: LeaseChange[] = [];
      other.watch(key, (change) => late.push(change));
      await eventually(
        () => late,
        (changes) => changes.length > 0,
      );
      expect(told).toHaveLength(3);
    },
  );

  given("one that is closed answers nothing any more", async (store, key) => {
    await store.close();
    await expect(store.get(key)).rejects.toMatchObject({ code: "LEASE_STORE" });
    await expect(store.create(key, "a")).rejects.toMatchObject({ code: "LEASE_STORE" });
  });
}

function revisionOf(write: { readonly type: string; readonly revision?: number }): number {
  if (write.revision === undefined) throw new Error(`not done, but ${write.type}`);
  return write.revision;
}
