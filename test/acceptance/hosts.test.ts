/**
 * Three hosts on machines of their own, joined by TCP with TLS, while their network is cut and healed and they are stopped and killed. A
 * workload of numbered messages goes on all the while: nothing comes twice or out of order, and what is missing has been reported.
 */
import { describe, expect } from "vitest";
import { issueHost, makeAuthority } from "../../src/cert/certificate.ts";
import { missingNetwork, Network } from "../support/network.ts";
import { testWith } from "../support/required.ts";
import { expectAccounted, settled } from "./hosts/accounts.ts";
import { Joined } from "./hosts/joined.ts";

const names = ["a", "b", "c"] as const;
const port = 7000;
const validity = { days: 1 };

class Cluster {
  readonly network = Network.open(...names);
  private readonly authority = makeAuthority("test", validity);
  private readonly hosts = new Map<string, Joined>();
  private lives = 0;

  start(name: string): Joined {
    const { cert, key } = issueHost(this.authority, name, validity);
    const peers = names.filter((each) => each !== name);
    const at = (each: string) => ({ host: this.network.address(each), port });
    const host = new Joined(
      name,
      {
        life: `${name}${++this.lives}`,
        peers,
        join: {
          name,
          tcp: {
            listen: at(name),
            peers: Object.fromEntries(peers.map((each) => [each, at(each)])),
            security: { ca: this.authority.cert, cert, key },
          },
          limits: { beatMs: 250, detectMs: 1500 },
          redial: { firstMs: 50, maxMs: 300 },
        },
      },
      (command, args, options) => this.network.spawn(name, command, args, options),
    );
    this.hosts.set(name, host);
    return host;
  }

  async close(): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.kill()));
    this.network.close();
  }
}

describe("hosts", () => {
  testWith(
    missingNetwork,
    "hosts: cut off, healed, stopped, killed: nothing comes twice or out of order, and what is lost is reported",
    async () => {
      const cluster = new Cluster();
      const { network } = cluster;
      try {
        const a = cluster.start("a");
        let b = cluster.start("b");
        const c = cluster.start("c");
        await Promise.all([a.up("b", "c"), b.up("a", "c"), c.up("a", "b")]);
        await settled(a, b, c);

        // Both ways: the two of them, and not the third.
        network.part("a", "b");
        expect([await a.down("b"), await b.down("a")]).toEqual(["LINK_SILENT", "LINK_SILENT"]);
        network.join("a", "b");
        await Promise.all([a.up("b"), b.up("a")]);
        await settled(a, b, c);

        // One way: who hears nothing says so, and the other one hears that.
        network.cut("a", "b");
        await Promise.all([a.down("b"), b.down("a")]);
        network.heal("a", "b");
        await Promise.all([a.up("b"), b.up("a")]);
        await settled(a, b, c);

        // Stopped for longer than it takes to be noticed: the same host, and no message of before.
        b.signal("SIGSTOP");
        await Promise.all([a.down("b"), c.down("b")]);
        b.signal("SIGCONT");
        await Promise.all([a.up("b"), c.up("b"), b.up("a", "c")]);
        const reports = await settled(a, b, c);
        expectAccounted(reports);

        // Killed: noticed at once, and its successor is another host.
        await b.kill();
        expect([await a.down("b"), await c.down("b")]).not.toContain("LINK_SILENT");
        b = cluster.start("b");
        await Promise.all([a.up("b"), c.up("b"), b.up("a", "c")]);
        expectAccounted([...reports, ...(await settled(a, b, c))]);
        await Promise.all([a.stop(), b.stop(), c.stop()]);
      } finally {
        await cluster.close();
      }
    },
    60_000,
  );
});
