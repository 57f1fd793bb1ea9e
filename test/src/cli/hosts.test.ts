import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { age } from "../../../src/cli/ps.ts";
import { table } from "../../../src/cli/table.ts";
import { fixture } from "../lab.ts";
import { motes, type Running } from "../../support/motes.ts";

let folder: string;
let env: Record<string, string>;
const running: Running[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motes-hosts-"));
  env = { MOTES_RUNTIME_DIR: folder };
});
afterEach(async () => {
  for (const each of running.splice(0)) {
    each.interrupt();
    await each.ended;
  }
  rmSync(folder, { recursive: true });
});

const start = async (): Promise<Running> => {
  const host = motes(["run", fixture("orchard")], env);
  running.push(host);
  for (;;) {
    const vms = await list();
    if (vms.filter(({ state }) => state === "running").length === 3) return host;
  }
};
const list = async (): Promise<
  readonly { readonly vm: number; readonly name: string; readonly state: string }[]
> => {
  const { code, stdout } = await motes(["ps", "--json"], env).ended;
  return code === 0 ? (JSON.parse(stdout) as Awaited<ReturnType<typeof list>>) : [];
};

describe("motes hosts, ps, kill", () => {
  test("lists what runs, kills one VM, which its supervisor restarts; nothing is left at the end", async () => {
    const host = await start();
    const page = await motes(["ps"], env).ended;
    expect(page.stdout).toMatch(/^vm +name +target +state/);
    expect(page.stdout).toMatch(/\n2 +left +isolate +running +24 MiB/);
    const hosts = await motes(["hosts"], env).ended;
    expect(hosts.stdout).toMatch(new RegExp(`\norchard +${host.pid} +3 `));
    const killed = await motes(["kill", "left", "--host", "orchard"], env).ended;
    expect(killed).toMatchObject({ code: 0, stdout: "killed VM 2 (left)\n" });
    for (;;) {
      const vms = await list();
      const left = vms.find(({ name }) => name === "left");
      if (left?.state === "running" && left.vm > 3) break;
    }
    const unknown = await motes(["kill", "2"], env).ended;
    expect(unknown.stderr).toMatch(/^motes: VM_UNKNOWN: there is no VM "2".*right/);
    host.interrupt();
    expect((await host.ended).code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("no host, or none of that name: an error that says so", async () => {
    expect((await motes(["ps"], env).ended).stderr).toMatch(/^motes: NO_HOST: /);
    expect((await motes(["kill"], env).ended).stderr).toMatch(/^motes: MISSING_ARGUMENT: /);
    const host = await start();
    expect((await motes(["ps", "--host", "elsewhere"], env).ended).stderr).toMatch(
      new RegExp(`^motes: HOST_UNKNOWN: .*orchard \\(${host.pid}\\)`),
    );
    host.kill();
    await host.ended;
    // What it left behind is swept.
    expect((await motes(["hosts", "--json"], env).ended).stdout).toBe("[]\n");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("replaces a service's VM by a new version while it serves, with its state; a version that is none changes nothing", async () => {
    const host = motes(["run", fixture("till-1")], env);
    running.push(host);
    await host.says(/version 1 sold 3\b/);
    const listed = await motes(["services"], env).ended;
    expect(listed.stdout).toMatch(/\ntill +1 +2 +1 +0 +0 /);
    const broken = await motes(["replace", "till", fixture("hello")], env).ended;
    expect(broken).toMatchObject({ code: 1 });
    expect(broken.stdout).toMatch(/till serves as before: REPLACE_\w+: /);
    const replaced = await motes(["replace", "till", fixture("till-2"), "--json"], env).ended;
    expect(replaced.code).toBe(0);
    const { ok, steps } = JSON.parse(replaced.stdout) as { ok: boolean; steps: readonly { step: string }[] };
    expect(ok).toBe(true);
    expect(steps.map(({ step }) => step)).toContain("adopted");
    await host.says(/version 2 sold \d+/);
    const sold = [...host.stdout.matchAll(/version \d sold (\d+)/g)].map(([, n]) => Number(n));
    expect(sold).toEqual(sold.map((_, n) => n + 1));
    expect((await motes(["replace", "bank", fixture("till-2")], env).ended).stderr).toMatch(
      /^motes: SERVICE_UNKNOWN: .*There is: till/,
    );
    expect((await motes(["replace", "till", "nowhere.mote"], env).ended).stderr).toMatch(
      /^motes: IMAGE_NOT_FOUND: /,
    );
  });

  test("ages and tables read well", () => {
    expect([0, 999, 1000, 59_999, 60_000, 3_600_000, 86_400_000, -5].map(age)).toEqual([
      "0 ms",
      "999 ms",
      "1 s",
      "59 s",
      "1 min",
      "1 h",
      "1 d",
      "0 ms",
    ]);
    expect(table(["a", "bcd"], [["long", "x"], ["y"]])).toBe("a     bcd\nlong  x\ny");
  });
});
