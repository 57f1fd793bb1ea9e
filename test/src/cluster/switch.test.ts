import { afterEach, describe, expect, test } from "vitest";
import { issueHost, makeAuthority } from "../../../src/cert/certificate.ts";
import { processTarget, wasmPacked } from "../../../src/index.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { testWith } from "../../support/required.ts";
import { eventually } from "../eventually.ts";
import { witnessIn } from "../lab.ts";
import { abroad, addressOf, ClusterLab, linked, parted } from "./pair.ts";

const lab = new ClusterLab();
afterEach(() => lab.close());

describe("two hosts", () => {
  test("hosts: each hears of the other, and an actor of one is found and called from the other", async () => {
    const [a, b] = await lab.pair();
    const { root } = await abroad(lab, a, b);
    expect(String(root)).toMatch(/^<b~[0-9a-f]{10}\.\d+\.\d+>$/);
    expect(await a.host.self.call(root, "ping")).toBe("pong");
    // An address that comes home is one of its own again.
    const back = await a.host.self.call(root, "echo", a.host.self.ref);
    expect(back).toMatchObject({ host: "", vm: 0, serial: a.host.self.ref.serial });
  });

  test("hosts: a VM of one talks with a VM of the other, in order, with messages of all sizes", async () => {
    const [a, b] = await lab.pair();
    const here = await lab.boot(a.host);
    const there = await abroad(lab, a, b);
    expect(await a.host.self.call(here.root, "codeOf", there.root)).toBe("none");
    const sink = await a.host.self.call(there.root, "sink");
    a.host.self.cast(here.root, "burst", sink, "a", [10, 0, 100_000, 3, 700, 9000], 600);
    const tally = await eventually(
      () => a.host.self.call(sink, "tally"),
      ({ count }) => count >= 600,
    );
    expect(tally).toEqual({ count: 600, outOfOrder: 0, bytes: 100 * 109_713 });
  });

  test("hosts: links and monitors hear why a VM of the other host has ended", async () => {
    const [a, b] = await lab.pair();
    const here = await lab.boot(a.host);
    const { vm, root } = await abroad(lab, a, b);
    const seenHere = witnessIn(a.host, root);
    const watch = await a.host.self.call(here.root, "witness", root);
    expect(await a.host.self.call(root, "ping")).toBe("pong");
    await vm.kill();
    const seen = await eventually(
      () => a.host.self.call(watch, "seen"),
      ({ length }) => length >= 2,
    );
    expect(seen.map(({ how, reason }) => `${how} ${String(reason)}`).sort()).toEqual([
      "link killed",
      "monitor killed",
    ]);
    await eventually(
      () => seenHere.length,
      (length) => length === 2,
    );
    expect(await a.host.self.call(here.root, "codeOf", root)).toBe("CALL_EXIT");
  });
});

describe("hosts: a VM that does not read", () => {
  test("hosts: it holds up who sends to it, within bounds, and nobody else; what it had not read is lost with it", async () => {
    const [a, b] = await lab.pair();
    const [stuck, other] = [await abroad(lab, a, b, { watchdogMs: Infinity }), await abroad(lab, a, b)];
    const [here, near] = await lab.boots(a.host, 2);
    if (here === undefined || near === undefined) throw new Error("two were booted");
    const sink = await a.host.self.call(stuck.root, "sink");
    const watch = await a.host.self.call(near.root, "witness", sink);
    expect(await a.host.self.call(near.root, "codeOf", stuck.root)).toBe("none");
    a.host.self.cast(stuck.root, "spin");
    // Far more than the lane and all queues on the way hold: it waits, again and again.
    a.host.self.cast(here.root, "burst", sink, "a", [60_000], 4000);
    for (let n = 0; n < 20; n++) {
      expect(await a.host.self.call(other.root, "ping")).toBe("pong");
      expect(await a.host.self.call(near.root, "codeOf", other.root)).toBe("none");
    }
    expect(await a.host.self.call(watch, "seen")).toEqual([]);
    await stuck.vm.kill();
    const seen = await eventually(
      () => a.host.self.call(watch, "seen"),
      ({ length }) => length >= 2,
    );
    expect(seen.map(({ reason }) => reason)).toEqual(["killed", "killed"]);
    // Who was held up goes on: the rest are dead letters.
    await a.journal.until(/dead letters? to <b~/, 20_000);
    expect(await a.host.self.call(here.root, "ping")).toBe("pong");
  });
});

describe("hosts: over other networks, and for other targets", () => {
  test("hosts: with TLS, by certificates that bind their names; a host of another authority is refused", async () => {
    const [authority, foreign] = [makeAuthority("c", { days: 1 }), makeAuthority("c", { days: 1 })];
    const security = (name: string, by = authority) => ({
      ca: authority.cert,
      ...issueHost(by, name, { days: 1 }),
    });
    const listen = { host: "127.0.0.1", port: 0 };
    const a = await lab.joined("a", [], { join: { tcp: { listen, security: security("a") } } });
    const peers = { a: addressOf(a) };
    const b = await lab.joined("b", [], { join: { tcp: { peers, security: security("b") } } });
    await linked(a, "b");
    await linked(b, "a");
    expect(await a.host.self.call((await abroad(lab, a, b)).root, "ping")).toBe("pong");
    const c = await lab.joined("c", [], { join: { tcp: { peers, security: security("c", foreign) } } });
    await a.journal.until(/refused a link: .*another authority/);
    await c.journal.until(/no link with the host a/);
    expect(a.host.otherHosts.map(({ name }) => name)).toEqual(["b"]);
  });

  testWith(missingNats, "hosts: over NATS, where each finds the other by its name", async () => {
    const server = await NatsServer.start();
    try {
      const join = (peers: readonly string[]) => ({ join: { nats: { servers: server.url, peers } } });
      const a = await lab.joined("a", [], join(["b"]));
      const b = await lab.joined("b", [], join(["a"]));
      await linked(a, "b");
      await linked(b, "a");
      const { root } = await abroad(lab, a, b);
      const here = await lab.boot(a.host);
      expect(await a.host.self.call(here.root, "codeOf", root)).toBe("none");
      // The server is killed: both are told, and find each other again when there is one.
      const seen = witnessIn(a.host, await a.host.self.call(root, "sink"));
      expect(await a.host.self.call(root, "ping")).toBe("pong");
      await server.kill();
      await eventually(
        () => seen.map(({ reason }) => reason),
        ({ length }) => length === 2,
      );
      expect(seen.map(({ reason }) => reason)).toEqual(["noconnection", "noconnection"]);
      await parted(b, "a");
      await server.run();
      await linked(a, "b");
      await linked(b, "a");
      expect(await a.host.self.call(root, "ping")).toBe("pong");
    } finally {
      await lab.close();
      await server.stop();
    }
  });

  // Packed ones have the smallest rings.
  test.each([wasmPacked, processTarget])(
    "hosts: VMs of every kind talk with those of others ($name)",
    async (target) => {
      const a = await lab.joined("a", [], { host: { target } });
      const c = await lab.joined("c", [a]);
      await linked(c, "a");
      await linked(a, "c");
      const there = await abroad(lab, c, a);
      const here = await lab.boot(c.host);
      const sink = await c.host.self.call(there.root, "sink");
      c.host.self.cast(here.root, "burst", sink, "c", [10, 40_000], 200);
      const tally = await eventually(
        () => c.host.self.call(sink, "tally"),
        ({ count }) => count >= 200,
      );
      expect(tally).toMatchObject({ count: 200, outOfOrder: 0 });
      const watch = await c.host.self.call(here.root, "witness", there.root);
      await there.vm.kill();
      const seen = await eventually(
        () => c.host.self.call(watch, "seen"),
        ({ length }) => length >= 2,
      );
      expect(seen.map(({ reason }) => reason)).toEqual(["killed", "killed"]);
    },
  );
});
