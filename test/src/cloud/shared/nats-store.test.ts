import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { natsCloudStore, type NatsCloudStore } from "../../../../src/cloud/shared/nats-store.ts";
import { cloudStoreContract, Heard, put, revisionOf } from "../../../contract/cloud-store.ts";
import { missingNats, NatsServer } from "../../../support/nats-server.ts";
import { testWith } from "../../../support/required.ts";

let server: NatsServer | undefined;
const stores: NatsCloudStore[] = [];

async function open(cloud = "test"): Promise<NatsCloudStore> {
  const store = await natsCloudStore({ server: { servers: server?.url ?? "" }, cloud, timeoutMs: 1000 });
  stores.push(store);
  return store;
}

if (missingNats === undefined) {
  beforeAll(async () => {
    server = await NatsServer.start(`jetstream { store_dir: "DIR/js" }`);
  });
  afterAll(() => server?.stop());
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
}

const nats = (name: string, body: () => Promise<void>): void => testWith(missingNats, name, body);

cloudStoreContract({ name: "NATS", open: () => open() }, nats);

nats(
  "cloud store NATS: a new one knows all that is there, and that of an empty bucket is nothing",
  async () => {
    const [a, empty] = [await open("known"), await open("empty")];
    await put(a, "x.1", [1, 2, 3], 0);
    const seen = new Heard(await open("known"), "x.");
    await seen.caughtUp;
    expect(seen.entries.map(({ value }) => value)).toEqual([[1, 2, 3]]);
    const nothing = new Heard(empty, "x.");
    await nothing.caughtUp;
    expect(nothing.entries).toEqual([]);
  },
);

nats("cloud store NATS: away, it says so, and back it hears what it missed", async () => {
  const [a, b] = [await open("away"), await open("away")];
  const seen = new Heard(b, "x");
  const first = revisionOf(await put(a, "x", 1, 0));
  await seen.until(({ length }) => length === 1);
  await server?.kill();
  expect(await put(a, "x", 2, first)).toEqual({ type: "unavailable" });
  await server?.run();
  let outcome = await put(a, "x", 3, first);
  while (outcome.type === "unavailable") outcome = await put(a, "x", 3, first);
  // It may have been written by the one that had no answer.
  if (outcome.type === "conflict") await put(a, "x", 3, outcome.entry?.revision ?? 0);
  await seen.until((entries) => entries.at(-1)?.value === 3);
});

nats("cloud store NATS: a server without JetStream is refused", async () => {
  const plain = await NatsServer.start();
  try {
    const options = { server: { servers: plain.url }, cloud: "x", timeoutMs: 500 };
    await expect(natsCloudStore(options)).rejects.toThrow(expect.objectContaining({ code: "CLOUD_STORE" }));
  } finally {
    await plain.stop();
  }
});
