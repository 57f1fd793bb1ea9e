import { afterAll, beforeAll } from "vitest";
import { natsLeaseStore } from "../../../src/cluster/nats-lease-store.ts";
import { leaseStoreContract } from "../../contract/lease-store.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { testWith } from "../../support/required.ts";

let server: NatsServer | undefined;
const url = (): string => server?.url ?? "";

if (missingNats === undefined) {
  beforeAll(async () => {
    server = await NatsServer.start(`jetstream { store_dir: "DIR/js" }`);
  });
  afterAll(() => server?.stop());
}

leaseStoreContract(
  { name: "NATS", open: () => natsLeaseStore({ server: { servers: url() }, cluster: "contract" }) },
  (name, body) => testWith(missingNats, name, body),
);
