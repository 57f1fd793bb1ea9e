/** Two hosts joined by NATS, whose servers end while a workload of numbered messages goes on. */
import { describe } from "vitest";
import { freePort } from "../support/free-port.ts";
import { missingNats, NatsServer } from "../support/nats-server.ts";
import { testWith } from "../support/required.ts";
import { expectAccounted, settled } from "./hosts/accounts.ts";
import { Joined } from "./hosts/joined.ts";

const pair = (servers: (name: string) => readonly string[]): readonly [Joined, Joined] => {
  const start = (name: string, peer: string): Joined =>
    new Joined(name, {
      life: `${name}1`,
      peers: [peer],
      join: {
        name,
        nats: { servers: servers(name), peers: [peer] },
        limits: { beatMs: 250, detectMs: 1500 },
        redial: { firstMs: 50, maxMs: 300 },
      },
    });
  return [start("a", "b"), start("b", "a")];
};

describe("hosts over NATS", () => {
  testWith(missingNats, "hosts: a server that is killed under load and started again", async () => {
    const server = await NatsServer.start();
    const [a, b] = pair(() => [server.url]);
    try {
      await Promise.all([a.up("b"), b.up("a")]);
      await settled(a, b);
      await server.kill();
      await Promise.all([a.down("b"), b.down("a")]);
      await server.run();
      await Promise.all([a.up("b"), b.up("a")]);
      expectAccounted(await settled(a, b));
      await Promise.all([a.stop(), b.stop()]);
    } finally {
      await Promise.all([a.kill(), b.kill()]);
      await server.stop();
    }
  });

  testWith(missingNats, "hosts: a cluster of three servers that loses one goes on", async () => {
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(", ");
    const servers = await Promise.all(
      ports.map((port) =>
        NatsServer.start(`cluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }`),
      ),
    );
    const [first, second, third] = servers.map(({ url }) => url);
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three were started");
    // The host a is with the one that ends, and knows another.
    const [a, b] = pair((name) => (name === "a" ? [first, third] : [second]));
    try {
      await Promise.all([a.up("b"), b.up("a")]);
      await settled(a, b);
      await servers[0]?.kill();
      expectAccounted(await settled(a, b));
      await Promise.all([a.stop(), b.stop()]);
    } finally {
      await Promise.all([a.kill(), b.kill()]);
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});
