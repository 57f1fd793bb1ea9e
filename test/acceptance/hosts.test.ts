/**
 * Three hosts on machines of their own, joined by TCP with TLS, while their network is cut and healed and they are stopped and killed. A
 * workload of numbered messages goes on all the while: nothing comes twice or out of order, and what is missing has been reported.
 */
import { describe, expect } from "vitest";
import { issueHost, makeAuthority } from "../../src/cert/certificate.ts";
import { missingNetwork, Network } from "../support/network.ts";
import { testWith } from "../support/required.ts";
import { Joined } from "./hosts/joined.ts";
import type { Range, Report } from "./hosts/workload.ts";

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
    const host = new Joined(this.network, name, {
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
    });
    this.hosts.set(name, host);
    return host;
  }

  /** Every message that was sent since the last time has arrived, or been reported: each writer has had an answer since. */
  async settled(...of: readonly Joined[]): Promise<Report[]> {
    const before = await Promise.all(of.map((host) => host.report()));
    for (;;) {
      const now = await Promise.all(of.map((host) => host.report()));
      const all = now.every(({ sent }, index) =>
        Object.entries(sent).every(
          ([writer, { acked }]) => acked > (before[index]?.sent[writer]?.acked ?? 0),
        ),
      );
      if (all) return now;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.kill()));
    this.network.close();
  }
}

const within = ([first, last]: Range, ranges: readonly Range[]): boolean =>
  ranges.some(([from, to]) => from <= first && last <= to);

/** What arrived of each writer is in order and once, and what is missing was reported by it: in its last words, if it was killed. */
function expectAccounted(reports: readonly Report[]): void {
  const losses = new Map<string, Range[]>();
  for (const { sent } of reports)
    for (const [writer, { losses: of }] of Object.entries(sent))
      losses.set(
        writer,
        of.map(({ range }) => range),
      );
  for (const { received } of reports) {
    for (const [writer, { gaps, wrong }] of Object.entries(received)) {
      const unreported = gaps.filter((gap) => !within(gap, losses.get(writer) ?? []));
      expect({ writer, wrong, unreported }).toEqual({ writer, wrong: [], unreported: [] });
    }
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
        await cluster.settled(a, b, c);

        // Both ways: the two of them, and not the third.
        network.part("a", "b");
        expect([await a.down("b"), await b.down("a")]).toEqual(["LINK_SILENT", "LINK_SILENT"]);
        network.join("a", "b");
        await Promise.all([a.up("b"), b.up("a")]);
        await cluster.settled(a, b, c);

        // One way: who hears nothing says so, and the other one hears that.
        network.cut("a", "b");
        await Promise.all([a.down("b"), b.down("a")]);
        network.heal("a", "b");
        await Promise.all([a.up("b"), b.up("a")]);
        await cluster.settled(a, b, c);

        // Stopped for longer than it takes to be noticed: the same host, and no message of before.
        b.signal("SIGSTOP");
        await Promise.all([a.down("b"), c.down("b")]);
        b.signal("SIGCONT");
        await Promise.all([a.up("b"), c.up("b"), b.up("a", "c")]);
        const reports = await cluster.settled(a, b, c);
        expectAccounted(reports);

        // Killed: noticed at once, and its successor is another host.
        await b.kill();
        expect([await a.down("b"), await c.down("b")]).not.toContain("LINK_SILENT");
        b = cluster.start("b");
        await Promise.all([a.up("b"), c.up("b"), b.up("a", "c")]);
        expectAccounted([...reports, ...(await cluster.settled(a, b, c))]);
        await Promise.all([a.stop(), b.stop(), c.stop()]);
      } finally {
        await cluster.close();
      }
    },
    60_000,
  );
});
