import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { issueHost, makeAuthority, unfitAuthority } from "../../../src/cert/certificate.ts";

const dayMs = 24 * 3600 * 1000;
const authority = makeAuthority("c", { days: 100 });

test("certificate: OpenSSL reads an authority as what it is meant to be", () => {
  const read = new X509Certificate(authority.cert);
  expect([read.ca, read.subject, read.issuer]).toEqual([true, "CN=motes cluster c", "CN=motes cluster c"]);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(Date.parse(read.validTo) - Date.parse(read.validFrom)).toBe(100 * dayMs + 3600 * 1000);
  expect(unfitAuthority(authority)).toBeUndefined();
});

test("certificate: a host's is signed by its authority, binds its name and nothing else, and is no authority", () => {
  const issued = issueHost(authority, "host-a", { days: 20_000 });
  const [read, issuer] = [new X509Certificate(issued.cert), new X509Certificate(authority.cert)];
  expect([read.ca, read.subject, read.subjectAltName]).toEqual([false, "CN=host-a", "DNS:host-a"]);
  expect(read.checkIssued(issuer)).toBe(true);
  expect(read.verify(issuer.publicKey)).toBe(true);
  expect(read.verify(new X509Certificate(makeAuthority("c", { days: 1 }).cert).publicKey)).toBe(false);
  // Beyond 2049 dates are written in another way.
  expect(new Date(read.validTo).getUTCFullYear()).toBeGreaterThan(2060);
  expect(issueHost(authority, "host-a", { days: 1 }).cert).not.toBe(issued.cert);
});

test("certificate: what cannot issue is told apart", () => {
  const issued = issueHost(authority, "h", { days: 1 });
  expect(unfitAuthority(issued)).toMatch(/not an authority/);
  expect(unfitAuthority({ cert: authority.cert, key: issued.key })).toMatch(/does not belong/);
  expect(unfitAuthority(authority, new Date(Date.now() + 200 * dayMs))).toMatch(/expired/);
  expect(unfitAuthority({ cert: "nonsense", key: "" })).toBeTypeOf("string");
});
