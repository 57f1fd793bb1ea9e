import { describe, expect, test } from "vitest";
import type { VmInfo } from "../../../src/host/hosted.ts";
import { Machine } from "../../support/machine.ts";
import { fixture } from "../lab.ts";

const there = new Machine();
const here = new Machine();

/** `b` listens, and `a` dials it. */
async function two(): Promise<void> {
  const b = there.start("host", "--name", "b", "--listen", "127.0.0.1:0", "--plain", "--allow", "vms");
  const [, port] = await b.says(/the host b is up, at 127\.0\.0\.1:(\d+)/);
  const a = here.start("host", "--name", "a", "--plain", "--peer", `b=127.0.0.1:${port}`);
  await a.says(/linked with the host b~/);
}

const vmsOf = async (host: string, from: Machine): Promise<readonly VmInfo[]> => {
  const { stdout, stderr } = await from.run("ps", "--json", "--host", host);
  if (stderr !== "") throw new Error(stderr);
  return JSON.parse(stdout) as readonly VmInfo[];
};

describe("motes host", () => {
  test("two hosts: what runs on the other one is listed, run and killed from here", async () => {
    await two();
    const hosts = await here.run("hosts");
    expect(hosts.stdout).toMatch(/\na +\d+ +0 .* b\n/);
    const run = here.start("run", fixture("orchard"), "--host", "b");
    await run.says(/VM 1 of b~[0-9a-f]+ runs/);
    for (;;) {
      const vms = await vmsOf("b", here);
      if (vms.filter(({ state }) => state === "running").length === 3) break;
    }
    const attached = here.start("attach", "left", "--host", "b");
    await attached.says(/attached to the VM left\n/);
    const killed = await here.run("kill", "left", "--host", "b");
    expect(killed).toMatchObject({ code: 0, stdout: "killed VM 2 (left)\n" });
    expect(await attached.ended).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("the VM ended: killed"),
      stderr: "motes: it ended: killed\n",
    });
    run.interrupt();
    expect((await run.ended).code).toBe(0);
    // What those that it booted have said came along.
    expect(run.stdout).toContain("left | error the VM ended: killed\n");
    for (;;) if ((await vmsOf("b", there)).length === 0) break;
  }, 60_000);

  test("two hosts: a service of the other one is replaced by a version that is here", async () => {
    await two();
    const run = here.start("run", fixture("till-1"), "--host", "b");
    await run.says(/VM 1 of b~/);
    for (;;) {
      const { stdout } = await here.run("services", "--json", "--host", "b");
      if (stdout.includes('"till"')) break;
    }
    const replaced = await here.run("replace", "till", fixture("till-2"), "--host", "b");
    expect(replaced.stdout + replaced.stderr).toMatch(/till is replaced, in [\d.]+ ms/);
    expect((await here.run("replace", "none", fixture("till-2"), "--host", "b")).stderr).toMatch(
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
    expect((await here.run("host", ...args)).stderr).toMatch(new RegExp(`^motes: ${code}: `));
  });
});
