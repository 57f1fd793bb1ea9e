import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { VmInfo } from "../../../src/host/hosted.ts";
import { motes, type Running } from "../../support/motes.ts";
import { fixture } from "../lab.ts";

let folder: string;
/** Two machines, as far as the commands can tell: each has its own folder of sockets. */
let here: Record<string, string>;
let there: Record<string, string>;
const running: Running[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motes-host-"));
  here = { MOTES_RUNTIME_DIR: join(folder, "here") };
  there = { MOTES_RUNTIME_DIR: join(folder, "there") };
});
afterEach(async () => {
  for (const each of running.splice(0).toReversed()) {
    each.interrupt();
    await each.ended;
  }
  rmSync(folder, { recursive: true });
});

function start(args: readonly string[], env: Record<string, string>): Running {
  const started = motes(args, env);
  running.push(started);
  return started;
}

/** `b` listens, and `a` dials it. */
async function two(): Promise<void> {
  const b = start(["host", "--name", "b", "--listen", "127.0.0.1:0", "--plain", "--allow", "vms"], there);
  const [, port] = await b.says(/the host b is up, at 127\.0\.0\.1:(\d+)/);
  const a = start(["host", "--name", "a", "--plain", "--peer", `b=127.0.0.1:${port}`], here);
  await a.says(/linked with the host b~/);
}

const vmsOf = async (host: string, env: Record<string, string>): Promise<readonly VmInfo[]> => {
  const { stdout, stderr } = await motes(["ps", "--json", "--host", host], env).ended;
  if (stderr !== "") throw new Error(stderr);
  return JSON.parse(stdout) as readonly VmInfo[];
};

describe("motes host", () => {
  test("two hosts: what runs on the other one is listed, run and killed from here", async () => {
    await two();
    const hosts = await motes(["hosts"], here).ended;
    expect(hosts.stdout).toMatch(/\na +\d+ +0 .* b\n/);
    const run = start(["run", fixture("orchard"), "--host", "b"], here);
    await run.says(/^VM 1 of b~[0-9a-f]+ runs/);
    for (;;) {
      const vms = await vmsOf("b", here);
      if (vms.filter(({ state }) => state === "running").length === 3) break;
    }
    const killed = await motes(["kill", "left", "--host", "b"], here).ended;
    expect(killed).toMatchObject({ code: 0, stdout: "killed VM 2 (left)\n" });
    run.interrupt();
    expect((await run.ended).code).toBe(0);
    for (;;) if ((await vmsOf("b", there)).length === 0) break;
  }, 60_000);

  test("two hosts: a service of the other one is replaced by a version that is here", async () => {
    await two();
    const run = start(["run", fixture("till-1"), "--host", "b"], here);
    await run.says(/^VM 1 of b~/);
    for (;;) {
      const { stdout } = await motes(["services", "--json", "--host", "b"], here).ended;
      if (stdout.includes('"till"')) break;
    }
    const replaced = await motes(["replace", "till", fixture("till-2"), "--host", "b"], here).ended;
    expect(replaced.stdout + replaced.stderr).toMatch(/till is replaced, in [\d.]+ ms/);
    expect((await motes(["replace", "none", fixture("till-2"), "--host", "b"], here).ended).stderr).toMatch(
      /^motes: SERVICE_UNKNOWN: /,
    );
  }, 60_000);

  test.each([
    [["--plain"], "MISSING_ARGUMENT"],
    [["--name", "a"], "MISSING_ARGUMENT"],
    [["--name", "a", "--listen", "127.0.0.1:0"], "MISSING_ARGUMENT"],
    [["--name", "a", "--listen", "127.0.0.1", "--plain"], "HOST_OPTION"],
    [["--name", "a", "--peer", "b", "--listen", "127.0.0.1:0", "--plain"], "HOST_OPTION"],
    [
      ["--name", "a", "--listen", "127.0.0.1:0", "--ca", "none", "--cert", "none", "--key", "none"],
      "HOST_OPTION",
    ],
    [["--name", "a", "--listen", "127.0.0.1:0", "--plain", "--allow", "all"], "DEVICE_UNKNOWN"],
  ] as const)("motes host %j: %s", async (args, code) => {
    expect((await motes(["host", ...args], here).ended).stderr).toMatch(new RegExp(`^motes: ${code}: `));
  });
});
