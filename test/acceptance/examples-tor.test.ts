/** `examples/tor` with real tors, in a network that has nothing but loopback where that is permitted. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { eventually } from "../src/eventually.ts";
import { Running } from "../support/motes.ts";
import { testWith } from "../support/required.ts";

const main = fileURLToPath(new URL("../../dist/examples/tor/main.js", import.meta.url));
const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

const missing = ["tor", "tor-gencert"].find((name) => !runs("sh", ["-c", 'command -v "$0"', name]));

/** A network of its own, as root or as a user where namespaces are for users: else that of the machine. */
const alone = ["-n", "-rn"].find((flag) => runs("unshare", [flag, "ip", "link", "set", "lo", "up"]));
const through =
  alone === undefined ? [] : ["unshare", alone, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];

const network = (...options: readonly string[]): Running => new Running(main, options, {}, through);

/** Processes that have anything to do with the folder. */
const left = (folder: string): readonly string[] =>
  readdirSync("/proc").flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return command.includes(folder) ? [command] : [];
    } catch {
      // No process, or none any more.
      return [];
    }
  });

describe("examples: tor", () => {
  testWith(
    missing === undefined ? undefined : `there is no ${missing}`,
    "a network that was killed outright leaves no process, and comes back with its keys; killed relays come back, too",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "motes-tor-test-"));
      try {
        await killedAndBack(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    150_000,
  );
});

async function killedAndBack(folder: string): Promise<void> {
  const options = ["--relays", "4", "--seconds", "4", "--every", "2", "--folder", folder];
  const first = network(...options);
  await first.says(/8 tors run in/);
  expect(left(folder).filter((command) => command.startsWith("tor "))).toHaveLength(8);
  first.kill();
  await first.ended;
  await eventually(
    () => left(folder),
    ({ length }) => length === 0,
  );

  const second = network(...options);
  const { code, stdout, stderr } = await second.ended;
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/8 tors run in .*; keys took 0\.\d s/);
  expect(stdout).toMatch(/all 8 are at 100 % after/);
  expect(stdout).toMatch(/path +relay\d > relay\d > relay[01]\n/);
  const [, kills, back] = /restarts +(\d+) killed, (\d+) back/.exec(stdout) ?? [];
  expect(Number(kills)).toBeGreaterThan(0);
  expect(back).toBe(kills);
  expect(stdout).toMatch(/requests +[1-9]\d* answered/);
  expect(left(folder)).toEqual([]);
}
