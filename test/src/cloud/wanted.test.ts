import { expect, test } from "vitest";
import { cloud, image, scaled } from "../../../src/cloud/cloud.ts";
import type { Cloud } from "../../../src/cloud/declaration.ts";
import { MemoryStore } from "../../../src/cloud/memory-store.ts";
import { type CloudRecord, keys } from "../../../src/cloud/records.ts";
import type { CloudStore } from "../../../src/cloud/store.ts";
import { Wanted } from "../../../src/cloud/wanted.ts";

const run = image("mote.ts");
const dust = cloud({ name: "dust", roles: { a: { run, count: 1 }, b: { run, count: 1 } } });
const nobody = (): void => {};

const scale = (wanted: Wanted, role: string, count: number): Promise<void> =>
  wanted.change((present) => (present === undefined ? undefined : scaled(present, role, count)));

/** As the store has it. */
const countsIn = async (store: CloudStore): Promise<readonly number[]> => {
  let found: Cloud | undefined;
  await new Promise<void>((resolve) => {
    store.watch(keys.cloud, ({ value }) => (found = (value as CloudRecord).cloud), resolve);
  });
  return found?.roles.map(({ count }) => count) ?? [];
};

test("cloud wanted: of changes that are made at one time on many hosts none is lost", async () => {
  const store = new MemoryStore((work) => queueMicrotask(work));
  const [one, other] = [new Wanted(store, nobody), new Wanted(store, nobody)];
  await one.change(() => dust);
  await Promise.all([scale(one, "a", 5), scale(other, "b", 7), scale(other, "b", 9)]);
  expect((await countsIn(store))[0]).toBe(5);
  expect((await countsIn(store))[1]).toBe(9);
  expect(Math.max(one.revision, other.revision)).toBe(4);
  one.close();
  other.close();
});

test("cloud wanted: what is refused, and what leaves all as it is, writes nothing", async () => {
  const store = new MemoryStore((work) => queueMicrotask(work));
  const wanted = new Wanted(store, nobody);
  await scale(wanted, "a", 5);
  expect(await countsIn(store)).toEqual([]);
  await wanted.change(() => dust);
  await expect(scale(wanted, "c", 1)).rejects.toThrow(expect.objectContaining({ code: "CLOUD_OPTION" }));
  expect(await countsIn(store)).toEqual([1, 1]);
  wanted.close();
});

test("cloud wanted: a store that does not answer is told of", async () => {
  const down: CloudStore = {
    put: (_key, _value, _expected, done) => queueMicrotask(() => done({ type: "unavailable" })),
    watch: (_of, _hear, caughtUp) => {
      queueMicrotask(caughtUp);
      return nobody;
    },
  };
  await expect(new Wanted(down, nobody).change(() => dust)).rejects.toThrow(
    expect.objectContaining({ code: "CLOUD_STORE" }),
  );
});
