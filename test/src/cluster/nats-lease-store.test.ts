import { afterAll, beforeAll, expect } from "vitest";
import { openBucket, type KvOptions } from "../../../src/cluster/kv.ts";
import { natsLeaseStore } from "../../../src/cluster/nats-lease-store.ts";
import { connectNats, defaultHostLinkLimits } from "../../../transports/index.ts";
import { leaseStoreContract } from "../../contract/lease-store.ts";
import { blocks } from "../../docs/markdown.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { testWith } from "../../support/required.ts";
import { eventually } from "../eventually.ts";

const bucketOptions: KvOptions = {
  ttl: 0,
  history: 1,
  replicas: 1,
  storage: "file",
  maxValueSize: 1024,
  allow_direct: false,
};

let server: NatsServer | undefined;
const url = (): string => server?.url ?? "";

if (missingNats === undefined) {
  beforeAll(async () => {
    server = await NatsServer.start(`jetstream { store_dir: "DIR/js" }`);
  });
  afterAll(() => server?.stop());
}

const nats = (name: string, body: () => Promise<void>): void => testWith(missingNats, name, body);

nats(
  "lease store NATS: the permissions of docs/hosts.md are enough, and with fewer it says why",
  async () => {
    const [block] = blocks("docs/hosts.md").filter(({ name }) => name === "leases.conf");
    const few = `{ user: few, password: p, permissions: { subscribe: ["_INBOX.>"], publish: ["motes.>"] } }`;
    const config = (block?.text ?? "no such block").replace("users = [", `users = [ ${few}`);
    const guarded = await NatsServer.start(config);
    try {
      const open = (user: string, pass: string, cluster = "my-cluster") =>
        natsLeaseStore({ server: { servers: guarded.url, user, pass }, cluster });
      const store = await open("host-a", "secret-a");
      const told: unknown[] = [];
      store.watch("lease.a", ({ value }) => told.push(value));
      const made = await store.create("lease.a", "x");
      expect(made.type).toBe("done");
      await eventually(
        () => told,
        (all) => all.includes("x"),
      );
      expect(await store.get("lease.a")).toMatchObject({ value: "x" });
      if (made.type === "done") expect((await store.delete("lease.a", made.revision)).type).toBe("done");
      await store.close();
      await expect(open("few", "p")).rejects.toMatchObject({ code: "LEASE_STORE_UNFIT" });
      await expect(open("host-a", "secret-a", "another")).rejects.toMatchObject({
        code: "LEASE_STORE_UNFIT",
      });
      await expect(open("host-a", "wrong")).rejects.toMatchObject({ code: "LINK_NATS" });
    } finally {
      await guarded.stop();
    }
  },
);

nats(
  "lease store NATS: a server without JetStream, a bucket that forgets too soon, a name that is none: refused",
  async () => {
    const plain = await NatsServer.start();
    try {
      const server = { servers: plain.url };
      await expect(natsLeaseStore({ server, cluster: "c" })).rejects.toMatchObject({
        code: "LEASE_STORE_UNFIT",
      });
      // Names that no host could join either.
      for (const cluster of ["a.b", "-a-", "", "a".repeat(64)])
        await expect(natsLeaseStore({ server, cluster })).rejects.toMatchObject({ code: "LEASE_OPTION" });
    } finally {
      await plain.stop();
    }
    const client = await connectNats({ servers: url() }, "test", defaultHostLinkLimits);
    await openBucket(client, "motes-leases-short", 2000, { ...bucketOptions, ttl: 5000 });
    await client.close();
    await expect(natsLeaseStore({ server: { servers: url() }, cluster: "short" })).rejects.toMatchObject({
      code: "LEASE_STORE_UNFIT",
      message: expect.stringContaining("expire after 5000 ms"),
    });
  },
);

leaseStoreContract(
  { name: "NATS", open: () => natsLeaseStore({ server: { servers: url() }, cluster: "contract" }) },
  (name, body) => testWith(missingNats, name, body),
);
