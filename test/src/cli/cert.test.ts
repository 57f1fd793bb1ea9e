import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "citty";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cert as command } from "../../../src/cli/cert.ts";
import { motes } from "../../support/motes.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cert-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As a program of its own. */
const cert = (...args: string[]) => motes(["cert", ...args, "--dir", join(folder, "certs")]).ended;
/** The same without a process for each. */
const here = (...args: string[]) =>
  runCommand(command, { rawArgs: [...args, "--dir", join(folder, "certs")] });
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
  await here("init", "mine");
  const before = text("ca.key");
  await expect(here("init", "mine")).rejects.toMatchObject({ code: "CERT_EXISTS" });
  expect(text("ca.key")).toBe(before);
  await here("init", "mine", "--force");
  expect(text("ca.key")).not.toBe(before);
  expect(statSync(at("ca.key")).mode & 0o777).toBe(0o600);
});

test.each([
  ["CERT_AUTHORITY", ["issue", "host-a"]],
  ["CERT_OPTION", ["issue", "host a"]],
  ["CERT_OPTION", ["init", "mine", "--days", "0"]],
  ["CERT_OPTION", ["issue", "ca"]],
  ["UNKNOWN_COMMAND", ["renew", "x"]],
  ["MISSING_ARGUMENT", ["init"]],
])("cert: %s, and no file is written, for %j", async (code, args) => {
  await expect(here(...args)).rejects.toMatchObject({ code });
  expect(existsSync(at("ca.pem")) || existsSync(at("host-a.pem"))).toBe(false);
});

test("cert: a folder that cannot be made is CERT_NOT_WRITTEN, a command that makes no sense ends with 2", async () => {
  writeFileSync(join(folder, "certs"), "");
  await expect(here("init", "x")).rejects.toMatchObject({ code: "CERT_NOT_WRITTEN" });
  const wrong = await cert("init", "a b");
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("CERT_OPTION") as string });
});
