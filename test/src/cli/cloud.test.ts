import { chmodSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { placeOptions } from "../../../src/cli/cloud/place.ts";
import { loadCloud } from "../../../src/cloud/local/load.ts";
import { fixture } from "../lab.ts";
import { Machine } from "../../support/machine.ts";
import { motes, type Running } from "../../support/motes.ts";

const ran = async (...args: readonly string[]) => motes(["cloud", ...args]).ended;

describe("motes cloud simulate", () => {
  test("says of each phase how long it took, and that no invariant was broken", async () => {
    const { code, stdout } = await ran("simulate", fixture("cloud/dust"), "--hosts", "6", "--vms", "60");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^6 hosts, seed 1\nstart: converged in 0\.\d s, 60 boots, \d+ writes to the store, \d+ heard of/,
    );
    expect(stdout).toContain("no invariant was broken");
  });

  test("refuses what is no cloud, and what makes no sense", async () => {
    const { code, stderr } = await ran("simulate", fixture("cloud/dust"), "--hosts", "many");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^motes: CLOUD_OPTION: --hosts: expected a whole number from 3, got "many"/),
    ]);
    expect((await ran("imitate", "x.ts")).stderr).toMatch(/^motes: UNKNOWN_COMMAND: /);
    const refused = async (file: string): Promise<string> =>
      loadCloud(file).then(
        String,
        (problem: Error & { code: string }) => `${problem.code}: ${problem.message}`,
      );
    expect(await refused("nowhere.ts")).toMatch(
      /^CLOUD_FILE: nowhere.ts declares no cloud: there is no such file/,
    );
    expect(await refused(fixture("hello"))).toMatch(/^CLOUD_(FILE|OPTION): /);
    expect(await refused(fixture("cloud/mote"))).toMatch(/^CLOUD_(FILE|OPTION): /);
    expect(() => placeOptions(undefined, "disk", undefined)).toThrow("--label: expected name=value");
    expect(placeOptions("eu", "disk=ssd,rack=a", "5")).toEqual({
      region: "eu",
      labels: { disk: "ssd", rack: "a" },
      memoryMbMax: 5,
    });
    expect(placeOptions(undefined, undefined, undefined, "0.25")).toEqual({ labels: {}, pricePerHour: 0.25 });
    expect(() => placeOptions(undefined, undefined, undefined, "-1")).toThrow(
      '--price: expected a number from 0, got "-1"',
    );
  });
});

describe("motes cloud plan, up, status, scale, events, down", () => {
  const here = new Machine();
  const ask = async (...args: readonly string[]) => here.run("cloud", ...args);
  const up = (...args: readonly string[]): Running => here.start("cloud", "up", ...args);

  test("a cloud of VMs and a process comes up, is changed, heals, and goes down without a trace", async () => {
    const planned = await ask("plan", fixture("cloud/mixed"));
    expect(planned.code).toBe(0);
    expect(planned.stdout).toMatch(
      /^mixed does not run here\n.*\nmote +\.\/mote\.ts +0 +3 +\+3\nbeat +sh +0 +1 +\+1\n$/,
    );
    const cloud = up(fixture("cloud/mixed"), "--name", "one");
    await cloud.says(/^converged: 4 VMs, after \d+\.\d s$/m);
    expect(cloud.stdout).toContain("mote/2 | mote/2 is here\n");
    expect(cloud.stdout).toContain("beat/0 | sh: beat 100\n");
    const status = await ask("status");
    expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mixed: converged; led by /) });
    const scaled = await ask("scale", "mote=5", "--json");
    expect(scaled.code).toBe(0);
    expect(JSON.parse(scaled.stdout)).toMatchObject({
      converged: true,
      roles: [{ role: "mote", running: 5 }, {}],
    });
    expect((await here.run("kill", "mote/1")).code).toBe(0);
    await cloud.says(/^mote\/1 has ended for the 1st time: killed\n[^]*^converged: 6 VMs/m);
    // Up again: what runs is changed.
    expect((await ask("plan", fixture("cloud/mixed"))).stdout).toMatch(/^mixed runs here\n/);
    const changed = await ask("up", fixture("cloud/mixed"), "--name", "one");
    expect(changed).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nmote +\[#+\] +3\/3 /) });
    const events = await ask("events", "--json");
    const types = events.stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(expect.arrayContaining(["leading", "host_up", "declared", "converged", "crashed"]));
    expect(await ask("down")).toMatchObject({ code: 0, stdout: "mixed goes down, with 4 VMs\n" });
    expect((await cloud.ended).code).toBe(0);
    expect(readdirSync(here.folder)).toEqual([]);
  }, 120_000);

  test("what crash-loops and what has no place is said, and the exit status is 1", async () => {
    const planned = await ask("plan", fixture("cloud/doomed"));
    expect(planned.code).toBe(1);
    expect(planned.stdout).toContain("far: 1 of 1 VMs find no place: 1 of 1 hosts lack region moon");
    const cloud = up(fixture("cloud/doomed"), "--json");
    await cloud.says(/"type":"degraded","vm":"bad\/0"/);
    expect(cloud.stdout).toMatch(/"type":"blocked","role":"far"/);
    const status = await ask("status");
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/\nbad\/0 is degraded, \d+ in a row: .*/);
    expect((await ask("scale", "bad=2", "--timeout", "0")).code).toBe(1);
    cloud.interrupt();
    expect((await cloud.ended).code).toBe(1);
  });

  test("one that cannot be asked does not come up, and nothing of it stays", async () => {
    chmodSync(here.folder, 0o755);
    const ran = await up(fixture("cloud/mixed")).ended;
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/^motes: CONTROL_FOLDER: /) });
  });
});
