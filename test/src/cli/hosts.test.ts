import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { age } from "../../../src/cli/ps.ts";
import { table } from "../../../src/cli/table.ts";
import { fixture } from "../lab.ts";
import { Machine } from "../../support/machine.ts";
import type { Running } from "../../support/motes.ts";

const here = new Machine();

const start = async (): Promise<Running> => {
  const host = here.start("run", fixture("orchard"));
  for (;;) {
    const vms = await list();
    if (vms.filter(({ state }) => state === "running").length === 3) return host;
  }
};
const list = async (): Promise<
  readonly { readonly vm: number; readonly name: string; readonly state: string }[]
> => {
  const { code, stdout } = await here.run("ps", "--json");
  return code === 0 ? (JSON.parse(stdout) as Awaited<ReturnType<typeof list>>) : [];
};

describe("motes hosts, ps, kill", () => {
  test("lists what runs, kills one VM, which its supervisor restarts; nothing is left at the end", async () => {
    const host = await start();
    const page = await here.run("ps");
    expect(page.stdout).toMatch(/^vm +name +target +state/);
    expect(page.stdout).toMatch(/\n2 +left +isolate +running +24 MiB/);
    const hosts = await here.run("hosts");
    expect(hosts.stdout).toMatch(new RegExp(`\norchard +${host.pid} +3 `));
    const killed = await here.run("kill", "left", "--host", "orchard");
    expect(killed).toMatchObject({ code: 0, stdout: "killed VM 2 (left)\n" });
    for (;;) {
      const vms = await list();
      const left = vms.find(({ name }) => name === "left");
      if (left?.state === "running" && left.vm > 3) break;
    }
    const unknown = await here.run("kill", "2");
    expect(unknown.stderr).toMatch(/^motes: VM_UNKNOWN: there is no VM "2".*right/);
    const attached = here.start("attach", "right", "--json");
    await attached.says(/attached/);
    const elsewhere = await here.run("attach", "nobody");
    expect(elsewhere.stderr).toMatch(/^motes: VM_UNKNOWN: there is no VM "nobody"/);
    expect((await here.run("attach")).stderr).toMatch(/^motes: MISSING_ARGUMENT: /);
    host.interrupt();
    expect((await host.ended).code).toBe(0);
    // That it ended in order, or that its host was gone before it could be asked for that.
    expect((await attached.ended).stdout).toMatch(/^\{.*"msg":"attached to the VM right"\}\n$/);
    expect(readdirSync(here.folder)).toEqual([]);
  });

  test("no host, or none of that name: an error that says so", async () => {
    expect((await here.run("ps")).stderr).toMatch(/^motes: NO_HOST: /);
    expect((await here.run("kill")).stderr).toMatch(/^motes: MISSING_ARGUMENT: /);
    const host = await start();
    expect((await here.run("ps", "--host", "elsewhere")).stderr).toMatch(
      new RegExp(`^motes: HOST_UNKNOWN: .*orchard \\(${host.pid}\\)`),
    );
    host.kill();
    await host.ended;
    // What it left behind is swept.
    expect((await here.run("hosts", "--json")).stdout).toBe("[]\n");
    expect(readdirSync(here.folder)).toEqual([]);
  });

  test("replaces a service's VM by a new version while it serves, with its state; a version that is none changes nothing", async () => {
    const host = here.start("run", fixture("till-1"));
    await host.says(/version 1 sold 3\b/);
    const listed = await here.run("services");
    expect(listed.stdout).toMatch(/\ntill +1 +2 +1 +0 +0 /);
    const broken = await here.run("replace", "till", fixture("hello"));
    expect(broken).toMatchObject({ code: 1 });
    expect(broken.stdout).toMatch(/till serves as before: REPLACE_\w+: /);
    const replaced = await here.run("replace", "till", fixture("till-2"), "--json");
    expect(replaced.code).toBe(0);
    const { ok, steps } = JSON.parse(replaced.stdout) as { ok: boolean; steps: readonly { step: string }[] };
    expect(ok).toBe(true);
    expect(steps.map(({ step }) => step)).toContain("adopted");
    await host.says(/version 2 sold \d+/);
    const sold = [...host.stdout.matchAll(/version \d sold (\d+)/g)].map(([, n]) => Number(n));
    expect(sold).toEqual(sold.map((_, n) => n + 1));
    expect((await here.run("replace", "bank", fixture("till-2"))).stderr).toMatch(
      /^motes: SERVICE_UNKNOWN: .*There is: till/,
    );
    expect((await here.run("replace", "till", "nowhere.mote")).stderr).toMatch(/^motes: IMAGE_NOT_FOUND: /);
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
