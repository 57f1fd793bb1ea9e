/** Leases while the servers under them are killed: one that comes back, and one of three that does not. */
import { afterEach, expect } from "vitest";
import { Candidate } from "../../../src/cluster/candidate.ts";
import type { LeaseStore } from "../../../src/cluster/lease-store.ts";
import { natsLeaseStore } from "../../../src/cluster/nats-lease-store.ts";
import { eventually } from "../eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { leftToCi, testWith } from "../../support/required.ts";
import { BlackBox } from "../../transports/tcp/black-box.ts";

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function serve(config: string): Promise<NatsServer> {
  const server = await NatsServer.start(config);
  ending.push(() => server.stop());
  return server;
}

async function openStore(servers: readonly string[], replicas: 1 | 3): Promise<LeaseStore> {
  const store = await natsLeaseStore({ server: { servers }, cluster: "outages", replicas, timeoutMs: 1000 });
  ending.push(() => store.close());
  return store;
}

/** Candidates for one lease, and whether two of them ever held it at once. */
class Rivals {
  readonly grants: number[] = [];
  doubles = 0;
  private readonly all: Candidate[] = [];

  join(store: LeaseStore, ttlMs: number): void {
    const candidate = new Candidate({
      store,
      name: "it",
      ttlMs,
      events: {
        granted: ({ token }) => {
          this.grants.push(token);
          if (this.all.filter(({ term }) => term?.holds === true).length > 1) this.doubles++;
        },
        lost: () => {},
      },
    });
    this.all.push(candidate);
    ending.push(() => candidate.close());
  }

  leave(index: number): Promise<void> | undefined {
    return this.all[index]?.close();
  }

  get token(): number | undefined {
    return this.all.find(({ term }) => term?.holds === true)?.term?.token;
  }

  /** Resolves when one holds it whose lease was renewed since. */
  async renewed(deadlineMs?: number): Promise<void> {
    const left = (): number =>
      Math.max(0, ...this.all.map(({ term }) => (term?.holds === true ? term.leftMs : 0)));
    // What is left grows only by a renewal.
    let before = Infinity;
    await eventually(
      left,
      (now) => {
        const grew = now > before;
        before = now;
        return grew;
      },
      deadlineMs,
    );
  }
}

/** Writes to keys of its own, one after the other, and keeps what was confirmed. */
class Load {
  readonly confirmed = new Map<string, { value: string; revision: number }>();
  failures = 0;
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(store: LeaseStore, who: string) {
    this.done = this.go(store, who);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async go(store: LeaseStore, who: string): Promise<void> {
    for (let count = 0; !this.stopped; count++) {
      const key = `load.${who}.${count}`;
      try {
        const write = await store.create(key, `${count}`);
        if (write.type === "done") this.confirmed.set(key, { value: `${count}`, revision: write.revision });
      } catch {
        this.failures++;
      }
    }
  }
}

testWith(
  missingNats,
  "lease: a server killed under load and run again has kept what it confirmed, and no two ever held the lease",
  async () => {
    const server = await serve(`jetstream { store_dir: "DIR/js" }`);
    const rivals = new Rivals();
    const stores = [await openStore([server.url], 1), await openStore([server.url], 1)];
    for (const store of stores) rivals.join(store, 1000);
    const loads = stores.map((store, index) => new Load(store, `${index}`));
    await rivals.renewed();
    await eventually(
      () => Math.min(...loads.map(({ confirmed }) => confirmed.size)),
      (least) => least > 100,
    );
    await server.kill();
    await eventually(
      () => Math.min(...loads.map(({ failures }) => failures)),
      (least) => least > 0,
    );
    await server.run();
    await rivals.renewed();
    for (const load of loads) await load.stop();
    const [store] = stores;
    for (const { confirmed } of loads)
      for (const [key, entry] of confirmed) expect([key, await store?.get(key)]).toEqual([key, entry]);
    expect(rivals.doubles).toBe(0);
    expect(rivals.grants).toEqual([...new Set(rivals.grants)].sort((a, b) => a - b));
  },
);

testWith(
  missingNats,
  "lease: a holder that is cut off from the server has stopped before another starts, and is let in again as a candidate",
  async () => {
    const server = await serve(`jetstream { store_dir: "DIR/js" }`);
    const box = await BlackBox.to(server.port);
    ending.push(() => box.close());
    const rivals = new Rivals();
    rivals.join(await openStore([`nats://127.0.0.1:${box.port}`], 1), 1000);
    await rivals.renewed();
    const { token = Infinity } = rivals;
    rivals.join(await openStore([server.url], 1), 1000);
    box.cut();
    await eventually(
      () => rivals.token ?? 0,
      (later) => later > token,
    );
    await rivals.renewed();
    box.heal();
    box.reset();
    const { token: second = Infinity } = rivals;
    // The other one leaves, and the first may have it again.
    await rivals.leave(1);
    await eventually(
      () => rivals.token ?? 0,
      (later) => later > second,
      20_000,
    );
    expect(rivals.doubles).toBe(0);
  },
);

const long = leftToCi(missingNats, "a quarter of a minute");

testWith(
  long,
  "lease: three servers that lose the one which leads the bucket go on, and no two ever held the lease",
  async () => {
    const servers = await threeServers();
    const urls = servers.map(({ url }) => url);
    const rivals = new Rivals();
    const first = await eventually(
      () => openStore(urls, 3).catch(() => undefined),
      (store) => store !== undefined,
      20_000,
    );
    if (first === undefined) throw new Error("no store");
    rivals.join(first, 2000);
    for (let count = 0; count < 2; count++) rivals.join(await openStore(urls, 3), 2000);
    await rivals.renewed();
    const { token } = rivals;
    for (const server of servers) {
      const before = rivals.grants.length;
      await server.kill();
      await rivals.renewed(25_000);
      if (rivals.grants.length > before) break;
      await server.run();
      await rivals.renewed(25_000);
    }
    expect(rivals.doubles).toBe(0);
    expect(rivals.token).toBeGreaterThanOrEqual(token ?? Infinity);
    expect(rivals.grants).toEqual([...new Set(rivals.grants)].sort((a, b) => a - b));
  },
  90_000,
);

/** Each knows the others by ports that were free a moment ago. */
async function threeServers(): Promise<readonly NatsServer[]> {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  return Promise.all(
    ports.map((port, index) =>
      serve(`server_name: s${index}
jetstream { store_dir: "DIR/js" }
cluster { name: c, listen: "127.0.0.1:${port}", routes: [${routes}] }`),
    ),
  );
}
