import { once } from "node:events";
import { connect } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { issueHost, makeAuthority, type Validity } from "../../../src/cert/certificate.ts";
import { openTcp, type TcpHosts, type TlsCredentials } from "../../../transports/index.ts";
import { hostLinkContract } from "../../contract/host-link.ts";
import { host, Listener } from "../../contract/host-pair.ts";
import { eventually } from "../../src/eventually.ts";
import { tcpNetwork } from "./tcp-network.ts";

const authority = makeAuthority("test", { days: 1 });
const other = makeAuthority("test", { days: 1 });

function credentials(name: string, validity: Validity = { days: 1 }, by = authority): TlsCredentials {
  return { ca: authority.cert, ...issueHost(by, name, validity) };
}

hostLinkContract(tcpNetwork("TLS", (name) => credentials(name)));

const open: TcpHosts[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((hosts) => hosts.close()));
});

/** A dialer with one certificate and an acceptor with another, and how it ended for both. */
async function meet(a: TlsCredentials, b: TlsCredentials) {
  const [atA, atB] = [new Listener(), new Listener()];
  const refused: string[] = [];
  const near = await openTcp({ own: host("a"), events: atA, security: a });
  const far = await openTcp({
    own: host("b"),
    events: atB,
    security: b,
    refused: ({ code, message }) => refused.push(`${code} ${message}`),
  });
  open.push(near, far);
  const address = await far.listen({ host: "127.0.0.1", port: 0 });
  near.dial(address);
  await eventually(
    () => atA.codes.length + atA.ups.length,
    (ends) => ends > 0,
  );
  return { atA, atB, refused, address };
}

const past: Validity = { days: 1, from: new Date(Date.now() - 3 * 24 * 3600 * 1000) };
const future: Validity = { days: 9, from: new Date(Date.now() + 3 * 24 * 3600 * 1000) };

describe("tls", () => {
  test.each([
    ["of another authority", credentials("a", { days: 1 }, other), /another authority/],
    ["that has expired", credentials("a", past), /has expired/],
    ["that is not valid yet", credentials("a", future), /not valid yet/],
    ["of another host", credentials("c"), /says that it is a/],
    ["whose name only looks the same", credentials("A"), /says that it is a/],
  ])("tls: a dialer with a certificate %s is refused, and told why", async (_what, a, why) => {
    const { atA, atB } = await meet(a, credentials("b"));
    await eventually(
      () => atB.codes,
      (codes) => codes.length === 1,
    );
    expect(atA.codes).toEqual(["LINK_REFUSED"]);
    expect(atA.whys[0]).toMatchObject({ details: { code: "LINK_TLS", text: expect.stringMatching(why) } });
    expect(atB.codes).toEqual(["LINK_TLS"]);
    expect([atA.ups, atB.ups]).toEqual([[], []]);
  });

  test.each([
    ["of another authority", credentials("b", { days: 1 }, other), /another authority/],
    ["that has expired", credentials("b", past), /has expired/],
    ["of another host", credentials("c"), /says that it is b/],
  ])("tls: an acceptor with a certificate %s is not spoken to", async (_what, b, why) => {
    const { atA } = await meet(credentials("a"), b);
    expect(atA.codes).toEqual(["LINK_TLS"]);
    expect(atA.whys[0]?.message).toMatch(why);
    expect(atA.ups).toEqual([]);
  });

  test("tls: no certificate, an older TLS, or none at all is refused", async () => {
    const { atB, refused, address } = await meet(credentials("a"), credentials("b"));
    const bare = connect({ ...address, rejectUnauthorized: false }).on("error", () => {});
    await eventually(
      () => atB.codes,
      (codes) => codes.length === 1,
    );
    expect(atB.codes).toEqual(["LINK_TLS"]);
    bare.destroy();
    const old = connect({ ...address, rejectUnauthorized: false, maxVersion: "TLSv1.2" });
    await once(old, "error");
    const plain = await openTcp({ own: host("c"), events: new Listener(), security: "plain" });
    open.push(plain);
    plain.dial(address);
    await eventually(
      () => refused,
      (codes) => codes.length === 2,
    );
    for (const each of refused) expect(each).toMatch(/^LINK_TLS/);
  });

  test("tls: what is no certificate is refused when it is given, and so is the key of another", async () => {
    const good = credentials("a");
    for (const bad of [
      { ...good, cert: "none" },
      { ...good, key: credentials("a").key },
    ])
      await expect(openTcp({ own: host("a"), events: new Listener(), security: bad })).rejects.toMatchObject({
        code: "LINK_TLS",
      });
  });
});
