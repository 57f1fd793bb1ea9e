import { expect, test } from "vitest";
import { Candidate } from "../../../src/cluster/candidate.ts";
import { clusterError } from "../../../src/cluster/errors.ts";
import type { LeaseStore } from "../../../src/cluster/lease-store.ts";
import { MemoryLeases } from "../../../src/cluster/memory-lease-store.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Hosts with one clock, so that all of what happens is in order. */
class Cluster {
  readonly clock = new ManualClock();
  readonly leases = new MemoryLeases();
  readonly said: string[] = [];

  join(name: string, store: LeaseStore = this.leases.open(), heard: () => void = () => {}): Candidate {
    return new Candidate({
      store,
      name: "it",
      holder: name,
      ttlMs: 1000,
      clock: this.clock,
      events: {
        granted: ({ token }) => this.said.push(`${name} ${token}`),
        lost: ({ token }, why) => {
          this.said.push(`${name} lost ${token}: ${why}`);
          heard();
        },
        problem: ({ code }) => this.said.push(`${name} ${code}`),
      },
    });
  }

  /** In steps in which answers come, too. */
  async advance(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      this.clock.advance(10);
      await settled();
    }
  }
}

/** What is due now has come: more turns of the queue of promises than any of it takes. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined;
}

test("candidate: the first one holds it, and another takes it over when it is given up", async () => {
  const cluster = new Cluster();
  const a = cluster.join("a");
  await settled();
  const b = cluster.join("b");
  await cluster.advance(5000);
  expect(cluster.said).toEqual(["a 1"]);
  expect(a.term?.holds).toBe(true);
  expect(a.term?.leftMs).toBeGreaterThan(500);
  expect(b.holder).toMatch(/^a#/);
  const { term } = a;
  await a.close();
  await settled();
  expect(cluster.said.slice(1)).toEqual(["a lost 1: released", expect.stringMatching(/^b \d+$/)]);
  expect(term?.holds).toBe(false);
  expect(() => term?.check()).toThrow(expect.objectContaining({ code: "LEASE_LOST" }));
  expect(b.term?.token).toBeGreaterThan(term?.token ?? Infinity);
  await b.close();
  expect(cluster.clock.pending).toBe(0);
});

/** A way to the store that can be cut: what is asked meanwhile fails. */
function cuttable(store: LeaseStore): LeaseStore & { cut: boolean } {
  const way = {
    cut: false,
    get: (key: string) => through(() => store.get(key)),
    create: (key: string, value: string) => through(() => store.create(key, value)),
    update: (key: string, value: string, revision: number) =>
      through(() => store.update(key, value, revision)),
    delete: (key: string, revision: number) => through(() => store.delete(key, revision)),
    watch: (key: string, tell: Parameters<LeaseStore["watch"]>[1]) =>
      store.watch(key, (change) => void (way.cut || tell(change))),
    close: () => store.close(),
  };
  const through = async <T>(does: () => Promise<T>): Promise<T> => {
    if (way.cut) throw clusterError("LEASE_STORE", { why: "cut" });
    return does();
  };
  return way;
}

test("candidate: one that is cut off has lost it before another is granted it, within ttl and margin", async () => {
  const cluster = new Cluster();
  const way = cuttable(cluster.leases.open());
  const a = cluster.join("a", way);
  await settled();
  const b = cluster.join("b");
  await cluster.advance(1000);
  const cutMs = cluster.clock.now();
  way.cut = true;
  const { term } = a;
  await cluster.advance(1300);
  expect(cluster.said.slice(0, 3)).toEqual(["a 1", "a LEASE_STORE", "a lost 1: expired"]);
  expect(cluster.said[3]).toMatch(/^b \d+$/);
  expect(cluster.clock.now() - cutMs).toBeLessThanOrEqual(1300);
  expect(term?.holds).toBe(false);
  way.cut = false;
  await cluster.advance(3000);
  expect(cluster.said).toHaveLength(4);
  expect([a.term, b.term?.holds]).toEqual([undefined, true]);
  await Promise.all([a.close(), b.close()]);
  expect(cluster.clock.pending).toBe(0);
});

test("candidate: one that leaves while the store is away leaves all the same, and nothing behind", async () => {
  const cluster = new Cluster();
  const way = cuttable(cluster.leases.open());
  const a = cluster.join("a", way);
  await cluster.advance(100);
  way.cut = true;
  const closed = a.close();
  await cluster.advance(1000);
  await closed;
  expect(cluster.said).toEqual(["a 1", "a lost 1: released", "a LEASE_STORE"]);
  expect(cluster.clock.pending).toBe(0);
  await a.close();
});

test("candidate: however often it is closed, also by who hears of it, each hears when it has left", async () => {
  const cluster = new Cluster();
  const closes: Promise<void>[] = [];
  const a = cluster.join("a", cluster.leases.open(), () => closes.push(a.close()));
  await settled();
  closes.push(a.close(), a.close());
  await Promise.all(closes);
  expect(closes).toHaveLength(3);
  expect(cluster.said).toEqual(["a 1", "a lost 1: released"]);
  expect(cluster.clock.pending).toBe(0);
  await a.close();
});

test("candidate: what a store never answers is given up on, and a store that hangs holds up no end", async () => {
  const cluster = new Cluster();
  const never = new Promise<never>(() => {});
  const silent: LeaseStore = {
    ...cuttable(cluster.leases.open()),
    get: () => never,
    create: () => never,
  };
  const a = cluster.join("a", silent);
  await cluster.advance(1000);
  expect(cluster.said).toEqual(["a LEASE_STORE"]);
  const closed = a.close();
  await cluster.advance(1000);
  await closed;
  expect(cluster.clock.pending).toBe(0);
});

test("candidate: options that make no sense are refused", () => {
  const cluster = new Cluster();
  const events = { granted() {}, lost() {} };
  const refused = expect.objectContaining({ code: "LEASE_OPTION" });
  const store = cluster.leases.open();
  expect(() => new Candidate({ store, name: "a.*", events })).toThrow(refused);
  expect(() => new Candidate({ store, name: "a", ttlMs: 5, events })).toThrow(refused);
});
