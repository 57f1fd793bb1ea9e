import { afterEach, describe, expect } from "vitest";
import { issueHost, makeAuthority } from "../../../src/cert/certificate.ts";
import { connectNats } from "../../../transports/nats/connection.ts";
import {
  defaultHostLinkLimits,
  openNats,
  type NatsHosts,
  type NatsHostsOptions,
} from "../../../transports/index.ts";
import { Drain, host, Listener, Source } from "../../contract/host-pair.ts";
import { blocks } from "../../docs/markdown.ts";
import { eventually } from "../../src/eventually.ts";
import { missingNats, NatsServer } from "../../support/nats-server.ts";
import { testWith } from "../../support/required.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const nats = (name: string, body: () => Promise<void>): void => testWith(missingNats, name, body, 20_000);

async function start(...config: Parameters<typeof NatsServer.start>): Promise<NatsServer> {
  const server = await NatsServer.start(...config);
  closing.push(() => server.stop());
  return server;
}

type Given = Omit<NatsHostsOptions, "own" | "events" | "server"> & Partial<NatsHostsOptions["server"]>;

async function open(server: NatsServer, name: string, given: Given = {}) {
  const { user, pass, token, nkeySeed, creds, tls, servers = server.url, ...options } = given;
  const ways = Object.entries({ user, pass, token, nkeySeed, creds, tls });
  const heard = new Listener();
  const hosts: NatsHosts = await openNats({
    own: host(name, { cluster: "my-cluster" }),
    events: heard,
    server: { servers, ...Object.fromEntries(ways.filter(([, value]) => value !== undefined)) },
    ...options,
  });
  closing.push(() => hosts.close());
  return { hosts, heard };
}

const is = (code: string) => (codes: readonly string[]) => codes.includes(code);
const some = (count: number): boolean => count > 0;
const both = (count: number): boolean => count === 2;

describe("nats", () => {
  nats("nats: a host that is not there is LINK_UNREACHABLE at once", async () => {
    const server = await start();
    const { hosts, heard } = await open(server, "host-a");
    hosts.dial("host-z");
    await eventually(() => heard.codes, is("LINK_UNREACHABLE"));
    expect(() => hosts.dial("a.b")).toThrow(expect.objectContaining({ code: "LINK_OPTION" }));
  });

  nats("nats: a server killed under load ends the links, and kept ones come back with it", async () => {
    const server = await start();
    const far = await open(server, "host-b");
    const near = await open(server, "host-a");
    const kept = near.hosts.keep("host-b", { firstMs: 20, maxMs: 50 });
    await eventually(() => near.heard.ups.length + far.heard.ups.length, both);
    const sizes = Array.from({ length: 200_000 }, (_, index) => index % 1000);
    const lane = kept.link?.open(1, 2);
    await eventually(() => far.heard.lanes.length, some);
    const [farLane] = far.heard.lanes;
    if (lane === undefined || farLane === undefined) throw new Error("no lane");
    await eventually(
      () => lane.state,
      (state) => state === "open",
    );
    const drain = new Drain(farLane, sizes);
    const source = new Source(lane, sizes);
    await eventually(
      () => drain.got,
      (got) => got > 1000,
    );
    await server.kill();
    await eventually(() => near.heard.codes, is("LINK_LOST"));
    await eventually(() => far.heard.codes, is("LINK_LOST"));
    expect(source.done).toBe(false);
    expect(drain.wrong).toBeUndefined();
    expect(near.heard.losses).toHaveLength(1);
    await server.run();
    await eventually(() => far.heard.ups.length, both);
    await eventually(() => near.heard.ups.length, both);
  });

  nats("nats: the permissions of docs/hosts.md are enough, and hold a host to its name", async () => {
    const [block] = blocks("docs/hosts.md").filter(({ name }) => name === "hosts.conf");
    const server = await start(block?.text ?? "no such block");
    const a = { user: "host-a", pass: "secret-a" };
    const far = await open(server, "host-b", { user: "host-b", pass: "secret-b" });
    const near = await open(server, "host-a", a);
    near.hosts.dial("host-b");
    await eventually(() => near.heard.ups.length + far.heard.ups.length, both);
    await expect(open(server, "host-b", a)).rejects.toMatchObject({ code: "LINK_NATS" });
    await expect(open(server, "host-a", { ...a, pass: "wrong" })).rejects.toMatchObject({
      code: "LINK_NATS",
    });
    await expect(open(server, "host-a")).rejects.toMatchObject({ code: "LINK_NATS" });
  });

  nats(
    "nats: what another host says into a link, or a hello that leads nowhere, is refused and harms no link",
    async () => {
      const server = await start();
      const refused: string[] = [];
      const far = await open(server, "host-b", {
        refused: ({ code }, from) => refused.push(`${code} ${from}`),
      });
      const near = await open(server, "host-a");
      const tap = await connectNats({ servers: server.url }, "tap", defaultHostLinkLimits);
      closing.push(() => tap.close());
      const seen: string[] = [];
      tap.subscribe("motes.v1.my-cluster.host-b.>", {
        callback: (_problem, { subject }) => seen.push(subject),
      });
      await tap.flush();
      const link = near.hosts.dial("host-b");
      await eventually(() => near.heard.ups.length + far.heard.ups.length, both);
      link.open(1, 2);
      const [into] = await eventually(
        () => seen.filter((subject) => subject.includes(".link.")),
        (subjects) => subjects.length > 0,
      );
      const garbage = new TextEncoder().encode("garbage");
      tap.publish((into ?? "").replace("host-a", "host-e"), garbage, {});
      tap.publish("motes.v1.my-cluster.host-b.host-e.hello.0123456789abcdef", garbage, {
        reply: "elsewhere",
      });
      tap.publish("motes.v1.my-cluster.host-b.nonsense", garbage, {});
      await eventually(
        () => refused,
        (all) => all.length === 2,
      );
      expect(refused).toEqual(["LINK_UNEXPECTED host-e", "LINK_CORRUPT host-e"]);
      expect([near.heard.codes, far.heard.codes]).toEqual([[], []]);
      // From the host itself it ends the link, with a code.
      tap.publish(into ?? "", garbage, {});
      await eventually(() => far.heard.codes, is("LINK_CORRUPT"));
      await eventually(() => near.heard.codes, is("LINK_CLOSED"));
    },
  );

  nats("nats: what may not be published ends that link with LINK_NATS", async () => {
    const may = `{ user: u, password: p, permissions: { subscribe: ["motes.>"], publish: ["motes.v1.my-cluster.host-b.>"] } }`;
    const server = await start(`authorization { users = [ ${may} ] }`);
    const user = { user: "u", pass: "p" };
    const far = await open(server, "host-b", user);
    const near = await open(server, "host-a", user);
    const first = near.hosts.dial("host-z");
    await eventually(() => near.heard.codes, is("LINK_NATS"));
    expect(first.state).toBe("down");
    // It may speak to that one, which may not answer.
    near.hosts.dial("host-b");
    await eventually(() => far.heard.codes, is("LINK_NATS"));
  });

  nats("nats: a token, an nkey, and TLS with certificates let a host in", async () => {
    const token = await start(`authorization { token: "t0ken" }`);
    await open(token, "host-a", { token: "t0ken" });
    await expect(open(token, "host-a", { token: "other" })).rejects.toMatchObject({ code: "LINK_NATS" });
    const nkey = await start(
      `authorization { users = [ { nkey: "UAWYCX2OEYIRLWD4BF75XE2SAZG4DV6OTRFOKBWDRVA3CDXFHMDLHT7M" } ] }`,
    );
    await open(nkey, "host-a", { nkeySeed: "SUABUYOY72MF22UKUUQ4FY26CGT4KTZMV7YOOHL2WGS4JXJWQTJABSLXHQ" });
    const authority = makeAuthority("my-cluster", { days: 1 });
    const own = issueHost(authority, "localhost", { days: 1 });
    const tls = await start(
      `tls { cert_file: "DIR/s.pem", key_file: "DIR/s.key", ca_file: "DIR/ca.pem", verify: true }`,
      { "s.pem": own.cert, "s.key": own.key, "ca.pem": authority.cert },
    );
    const servers = `tls://localhost:${tls.port}`;
    const credentials = { ca: authority.cert, ...issueHost(authority, "host-a", { days: 1 }) };
    await open(tls, "host-a", { servers, tls: credentials });
    const foreign = makeAuthority("other", { days: 1 });
    const wrong = { ...credentials, ca: foreign.cert };
    await expect(open(tls, "host-a", { servers, tls: wrong })).rejects.toMatchObject({
      code: "LINK_UNREACHABLE",
    });
  });

  nats(
    "nats: packets are no longer than the server takes; one that takes too little is refused",
    async () => {
      const narrow = await start("max_payload: 16384");
      const far = await open(narrow, "host-b");
      const near = await open(narrow, "host-a");
      const link = near.hosts.dial("host-b");
      await eventually(() => near.heard.ups.length + far.heard.ups.length, both);
      const lane = link.open(1, 2);
      await eventually(
        () => lane.state,
        (state) => state === "open",
      );
      const sizes = Array.from({ length: 50 }, () => lane.maxRecordBytes);
      const [farLane] = far.heard.lanes;
      if (farLane === undefined) throw new Error("no lane");
      const drain = new Drain(farLane, sizes);
      new Source(lane, sizes);
      await eventually(
        () => drain.got,
        (got) => got === sizes.length,
      );
      expect(drain.wrong).toBeUndefined();
      const tiny = await start("max_payload: 2048");
      await expect(open(tiny, "host-a")).rejects.toMatchObject({ code: "LINK_OPTION" });
    },
  );

  nats(
    "nats: options that make no sense, and a server that is not there, are refused with a code",
    async () => {
      const server = await start();
      const two = { token: "t", user: "u", pass: "p" };
      await expect(open(server, "host-a", two)).rejects.toMatchObject({ code: "LINK_OPTION" });
      await expect(open(server, "host-a", { user: "u" })).rejects.toMatchObject({ code: "LINK_OPTION" });
      await expect(open(server, "host-a", { prefix: "a.>" })).rejects.toMatchObject({ code: "LINK_OPTION" });
      await server.kill();
      await expect(open(server, "host-a")).rejects.toMatchObject({ code: "LINK_UNREACHABLE" });
    },
  );
});
