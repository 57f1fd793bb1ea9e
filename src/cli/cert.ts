import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineCommand } from "citty";
import { isHostName } from "../../transports/index.ts";
import { type CertifiedKey, issueHost, makeAuthority, unfitAuthority } from "../cert/certificate.ts";
import { srcError } from "../errors.ts";
import { checkOptions } from "./options.ts";

const args = {
  action: { type: "positional", description: "init or issue", required: false },
  name: {
    type: "positional",
    description: "init: the cluster. issue: the host that is to prove its name",
    required: false,
  },
  dir: { type: "string", description: "Where the authority is, and where to write. Default: certs" },
  days: {
    type: "string",
    description: "How long it is valid. Default: 3650 for an authority, 365 for a host",
  },
  force: { type: "boolean", description: "Write over what is there" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

const usage = "motes cert init my-cluster, then motes cert issue host-a";

/**
 * `motes cert init my-cluster`: makes an authority, `ca.pem` and `ca.key`. `motes cert issue host-a`: a certificate for a host,
 * `host-a.pem` and `host-a.key`. Keys are their owner's alone; nothing is written over without `--force`.
 */
export const cert = defineCommand({
  meta: { name: "cert", description: "Make certificates for links between hosts" },
  args,
  async run({ args: { action, name, dir = "certs", days, force = false }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (action === undefined) throw srcError("MISSING_ARGUMENT", { what: "init or issue", usage });
    if (action !== "init" && action !== "issue")
      throw srcError("UNKNOWN_COMMAND", { command: `cert ${action}`, known: ["cert init", "cert issue"] });
    if (name === undefined)
      throw srcError("MISSING_ARGUMENT", {
        what: action === "init" ? "the cluster's name" : "the host's name",
        usage,
      });
    if (!isHostName(name))
      throw srcError("CERT_OPTION", {
        option: "the name",
        expected: "1 to 63 letters, digits, - and _ that starts and ends with a letter or digit",
        got: name,
      });
    const made = action === "init" ? "ca" : name;
    if (action === "issue" && name === "ca")
      throw srcError("CERT_OPTION", {
        option: "the host's name",
        expected: "another one than the authority's files",
        got: name,
      });
    const validity = { days: daysIn(days ?? (action === "init" ? "3650" : "365")) };
    await refuseOld(dir, made, force);
    const issued =
      action === "init" ? makeAuthority(name, validity) : issueHost(await authorityIn(dir), name, validity);
    await write(dir, made, issued, force);
    process.stdout.write(
      `${join(dir, `${made}.pem`)} and ${join(dir, `${made}.key`)}, for ${validity.days} days\n`,
    );
    return 0;
  },
});

function daysIn(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 36_500) return days;
  throw srcError("CERT_OPTION", { option: "--days", expected: "a whole number from 1 to 36500", got: text });
}

async function authorityIn(dir: string): Promise<CertifiedKey> {
  const read = async (file: string): Promise<string> => {
    try {
      return await readFile(join(dir, file), "utf8");
    } catch (problem) {
      throw srcError("CERT_AUTHORITY", { dir, why: String(problem) }, problem);
    }
  };
  const authority = { cert: await read("ca.pem"), key: await read("ca.key") };
  const why = unfitAuthority(authority);
  if (why !== undefined) throw srcError("CERT_AUTHORITY", { dir, why });
  return authority;
}

async function refuseOld(dir: string, name: string, force: boolean): Promise<void> {
  const found = [`${name}.pem`, `${name}.key`].map((file) => join(dir, file)).find(existsSync);
  if (found !== undefined && !force) throw srcError("CERT_EXISTS", { path: found });
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  } catch (problem) {
    throw srcError("CERT_NOT_WRITTEN", { path: dir, why: String(problem) }, problem);
  }
}

/** The key first: a certificate without its key would look whole. */
async function write(
  dir: string,
  name: string,
  { cert: pem, key }: CertifiedKey,
  force: boolean,
): Promise<void> {
  const flag = force ? "w" : "wx";
  for (const [file, text, mode] of [
    [`${name}.key`, key, 0o600],
    [`${name}.pem`, pem, 0o644],
  ] as const) {
    const path = join(dir, file);
    try {
      // A file that is there keeps its mode otherwise.
      if (force) await rm(path, { force: true });
      await writeFile(path, text, { mode, flag });
    } catch (problem) {
      throw srcError("CERT_NOT_WRITTEN", { path, why: String(problem) }, problem);
    }
  }
}
