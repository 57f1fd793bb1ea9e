import { describe, expect, test } from "vitest";
import { fixture } from "../lab.ts";
import { motes } from "../../support/motes.ts";

const ran = async (...args: readonly string[]) => motes(["cloud", ...args]).ended;

describe("motes cloud simulate", () => {
  test("says of each phase how long it took, and that no invariant was broken", async () => {
    const { code, stdout } = await ran("simulate", fixture("cloud/dust"), "--hosts", "6", "--vms", "60");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^6 hosts, seed 1\nstart: converged in 0\.\d s, 60 boots, \d+ writes to the store, \d+ heard of/,
    );
    expect(stdout).toContain("no invariant was broken");
    const again = await ran("simulate", fixture("cloud/dust"), "--hosts", "6", "--vms", "60", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ hosts: 6, vms: 60, violations: [], peak: { vms: 60 } });
  });

  test("refuses what is no cloud, and what makes no sense", async () => {
    const told = async (...args: readonly string[]): Promise<string> => (await ran(...args)).stderr;
    expect(await told()).toMatch(/^motes: MISSING_ARGUMENT: /);
    expect(await told("simulate")).toMatch(/^motes: MISSING_ARGUMENT: .*the cloud's file/);
    expect(await told("imitate", "x.ts")).toMatch(/^motes: UNKNOWN_COMMAND: /);
    expect(await told("simulate", "nowhere.ts")).toMatch(
      /^motes: CLOUD_FILE: nowhere.ts declares no cloud: there is no such file/,
    );
    expect(await told("simulate", fixture("hello"))).toMatch(/^motes: CLOUD_(FILE|OPTION): /);
    expect(await told("simulate", fixture("cloud/poor"))).toMatch(
      /^motes: CLOUD_BUDGET: the cloud needs 5 VMs, and its budget allows 3: 2 too many/,
    );
    const { code, stderr } = await ran("simulate", fixture("cloud/dust"), "--hosts", "many");
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^motes: CLOUD_OPTION: --hosts: expected a whole number from 3, got "many"/),
    ]);
  });
});
