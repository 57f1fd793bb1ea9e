import { afterEach, expect, test } from "vitest";
import { process, type Ref, type Self, type Wait } from "../../../kernel/index.ts";
import {
  leaseKeeper,
  MemoryLeases,
  type LeaseKeeperProtocol,
  type LeaseNews,
  type LeaseStore,
} from "../../../src/cluster/index.ts";
import { createHost, type Host } from "../../../src/index.ts";

let host: Host | undefined;
afterEach(async () => {
  await host?.stop();
  expect(host?.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
});

async function end(self: Self<never>, keeper: Ref<LeaseKeeperProtocol>): Promise<void> {
  self.exit(keeper, "shutdown");
  await expect(self.call(keeper, "holder", "a")).rejects.toMatchObject({ code: "CALL_EXIT" });
}

/** Counts watches, and fails where it is told to. */
function observed(store: LeaseStore): LeaseStore & { watches: number; broken: boolean } {
  const all = {
    watches: 0,
    broken: false,
    get: (key: string) => (all.broken ? Promise.reject(new Error("away")) : store.get(key)),
    create: (key: string, value: string) => store.create(key, value),
    update: (key: string, value: string, revision: number) => store.update(key, value, revision),
    delete: (key: string, revision: number) => store.delete(key, revision),
    watch(key: string, tell: Parameters<LeaseStore["watch"]>[1]) {
      all.watches++;
      const stop = store.watch(key, tell);
      return () => {
        all.watches--;
        stop();
      };
    },
    close: () => store.close(),
  };
  return all;
}

/** An actor that only keeps what it is told, and hands it out. */
const listener = (news: LeaseNews[]) =>
  process(function* (self: Self<LeaseNews>): Generator<Wait<unknown>, void, unknown> {
    for (;;) news.push(yield* self.receive("lease_answer", "lease_change"));
  });

test("lease keeper: whoever asks is answered and hears of changes, until it ends", async () => {
  host = createHost({ log: { line: () => {} } });
  const { self } = host;
  const store = observed(new MemoryLeases().open());
  const { ref: keeper } = await self.start(leaseKeeper(() => store));
  const news: LeaseNews[] = [];
  const from: Ref<LeaseNews> = self.spawn(listener(news));
  self.cast(keeper, "ask", "it", 1, { op: "create", value: "a" }, from);
  self.cast(keeper, "ask", "it", 2, { op: "get" }, from);
  self.cast(keeper, "ask", "not a name", 3, { op: "get" }, from);
  while (news.filter(({ type }) => type === "lease_answer").length < 3) await self.sleep(1);
  const answers = news.filter((one) => one.type === "lease_answer").sort((a, b) => a.id - b.id);
  expect(answers.map(({ answer }) => answer)).toEqual([
    { type: "done", revision: 1 },
    { type: "entry", entry: { value: "a", revision: 1 } },
    { type: "failed", why: expect.stringContaining("the name of a lease") },
  ]);
  expect(news).toContainEqual({ type: "lease_change", change: { value: "a", revision: 1 } });
  expect(store.watches).toBe(1);
  self.exit(from, "kill");
  while (store.watches > 0) await self.sleep(1);
  await end(self, keeper);
  await expect(store.get("it")).rejects.toMatchObject({ code: "LEASE_STORE" });
});

test("lease keeper: what is wrong with a name or the store is the caller's to hear, and the keeper goes on", async () => {
  host = createHost({ log: { line: () => {} } });
  const { self } = host;
  const store = observed(new MemoryLeases().open());
  const { ref: keeper } = await self.start(leaseKeeper(() => store));
  const code = (reason: string) =>
    expect.objectContaining({ code: "CALL_EXIT", message: expect.stringContaining(reason) });
  await expect(self.call(keeper, "holder", "a.*")).rejects.toEqual(code("the name of a lease"));
  store.broken = true;
  await expect(self.call(keeper, "holder", "a")).rejects.toEqual(code("away"));
  store.broken = false;
  expect(await self.call(keeper, "holder", "a")).toBeUndefined();
  await store.create("lease.a", "no lease");
  expect(await self.call(keeper, "holder", "a")).toBeUndefined();
  await end(self, keeper);
});

test("lease keeper: a store that cannot be opened is why it does not start", async () => {
  host = createHost({ log: { line: () => {} } });
  const failing = leaseKeeper(() =>
    Promise.reject(Object.assign(new Error("no way"), { code: "LINK_UNREACHABLE" })),
  );
  await expect(host.self.start(failing)).rejects.toMatchObject({
    code: "START_FAILED",
    message: expect.stringContaining("no way"),
  });
});
