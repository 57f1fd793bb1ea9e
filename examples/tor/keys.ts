import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ref, Self, Wait } from "motes";
import { port, type PortLine } from "motes/port";
import type { Placed } from "./torrc.ts";

/** Any: the keys are in a folder of this run, and for this machine only. */
const passphrase = "loopback\n";

/** A command that ends by itself. What it prints goes where tor's lines go. */
const command = port((name: string, args: readonly string[], subscriber: Ref<PortLine>) => ({
  command: name,
  args,
  subscriber,
}));

/**
 * The line by which all others know an authority. It has two identities: one that signs votes, and that of every relay. Both are made at
 * the first start, and found in its folder at the next ones. Run as a task: it takes a second of computing.
 */
export function* authorityLine(
  self: Self<never>,
  { name, folder, orPort, dirPort }: Placed,
  log: Ref<PortLine>,
): Generator<Wait<unknown>, string, unknown> {
  const keys = join(folder, "keys");
  const [identity, signing, certificate] = ["identity_key", "signing_key", "certificate"].map((what) =>
    join(keys, `authority_${what}`),
  ) as [string, string, string];
  yield* self.until(mkdir(keys, { recursive: true, mode: 0o700 }));
  if (!existsSync(certificate)) {
    const files = ["-i", identity, "-s", signing, "-c", certificate];
    yield* run(
      self,
      "tor-gencert",
      ["--create-identity-key", "--passphrase-fd", "0", "-m", "12", ...files],
      log,
      passphrase,
    );
  }
  if (!existsSync(join(folder, "fingerprint"))) {
    const nobody = ["--dirserver", `x 127.0.0.1:1 ${"F".repeat(40)}`];
    const asked = ["--list-fingerprint", "--orport", "1", "--nickname", name, "--datadirectory", folder];
    yield* run(self, "tor", ["--ignore-missing-torrc", "-f", "/nonexistent", ...asked, ...nobody], log);
  }
  const voter = /^fingerprint ([0-9A-F]{40})$/m.exec(yield* self.until(readFile(certificate, "utf8")));
  const relay = /([0-9A-F]{40})/.exec(yield* self.until(readFile(join(folder, "fingerprint"), "utf8")));
  if (voter?.[1] === undefined || relay?.[1] === undefined) throw new Error(`${name} has no fingerprint`);
  return `DirAuthority ${name} orport=${orPort} no-v2 v3ident=${voter[1]} 127.0.0.1:${dirPort} ${relay[1]}`;
}

/** If it fails, so does its caller, by their link and with its reason. */
function* run(
  self: Self<never>,
  name: string,
  args: readonly string[],
  log: Ref<PortLine>,
  input = "",
): Generator<Wait<unknown>, void, unknown> {
  const { ref } = yield* self.start(command, name, args, log);
  self.monitor(ref);
  if (input !== "") {
    yield* self.call(ref, "write", input);
    yield* self.call(ref, "end");
  }
  yield* self.receive("down");
}
