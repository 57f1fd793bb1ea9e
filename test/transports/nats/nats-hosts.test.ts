import { afterAll, beforeAll } from "vitest";
import { hostLinkContract } from "../../contract/host-link.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { testWith } from "../../support/required.ts";
import { natsNetwork } from "./nats-network.ts";

let server: NatsServer | undefined;
const running = (): NatsServer => {
  if (server === undefined) throw new Error("there is no nats-server yet");
  return server;
};

if (missingNats === undefined) {
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server?.stop());
  hostLinkContract(natsNetwork(running));
} else {
  testWith(missingNats, "host link over NATS", () => {});
}
