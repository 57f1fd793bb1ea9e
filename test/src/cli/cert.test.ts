import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { motes } from "../../support/motes.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cert-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const cert = (...args: string[]) => motes(["cert", ...args, "--dir", join(folder, "certs")]).ended;
const at = (file: string): string => join(folder, "certs", file);
const text = (file: string): string => readFileSync(at(file), "utf8");

test("cert: makes an authority and a host's certificate, whose keys are their owner's alone", async () => {
  expect(await cert("init", "mine")).toMatchObject({ code: 0, stderr: "" });
  const issued = await cert("issue", "host-a", "--days", "30");
  expect(issued).toMatchObject({ code: 0, stderr: "" });
  expect(issued.stdout).toContain("for 30 days");
  for (const key of ["ca.key", "host-a.key"]) expect(statSync(at(key)).mode & 0o777).toBe(0o600);
  const [host, authority] = [new X509Certificate(text("host-a.pem")), new X509Certificate(text("ca.pem"))];
  expect([host.subjectAltName, host.verify(authority.publicKey)]).toEqual(["DNS:host-a", true]);
});

test("cert: writes over nothing, unless told to, and then with the modes of new files", async () => {
  await cert("init", "mine");
  const before = text("ca.key");
  const again = await cert("init", "mine");
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("CERT_EXISTS") as string });
  expect(text("ca.key")).toBe(before);
  expect(await cert("init", "mine", "--force")).toMatchObject({ code: 0 });
  expect(text("ca.key")).not.toBe(before);
  expect(statSync(at("ca.key")).mode & 0o777).toBe(0o600);
});

test("cert: what makes no sense is refused with a code, and leaves nothing", async () => {
  const refusals = await Promise.all([
    cert("issue", "host-a"),
    cert("issue", "host a"),
    cert("init", "mine", "--days", "0"),
    cert("issue", "ca"),
    cert("renew", "x"),
    cert("init"),
  ]);
  const codes = refusals.map(({ code, stderr }) => `${code} ${/motes: ([A-Z_]+)/.exec(stderr)?.[1]}`);
  expect(codes).toEqual([
    "1 CERT_AUTHORITY",
    "2 CERT_OPTION",
    "2 CERT_OPTION",
    "2 CERT_OPTION",
    "2 UNKNOWN_COMMAND",
    "2 MISSING_ARGUMENT",
  ]);
  writeFileSync(join(folder, "file"), "");
  const blocked = await motes(["cert", "init", "x", "--dir", join(folder, "file", "certs")]).ended;
  expect(blocked.stderr).toContain("CERT_NOT_WRITTEN");
});
