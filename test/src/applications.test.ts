import { afterAll, describe, expect, test } from "vitest";
import { bundle } from "../../src/index.ts";
import { motes } from "../support/motes.ts";
import type program from "./fixtures/applications.ts";
import { fixture, Lab } from "./lab.ts";

describe("applications as the root of a VM", () => {
  const lab = new Lab();
  afterAll(() => lab.close());

  test("applications: a VM is ready when all have started, and stops them in reverse", async () => {
    const { host, journal } = lab.host();
    const vm = await host.boot(await bundle<typeof program>(fixture("applications")));
    const which = await host.self.call(vm.root, "whichApplications");
    expect(which.map(({ name, running }) => [name, running])).toEqual([
      ["store", true],
      ["web", true],
    ]);
    expect(await vm.stop()).toBe("shutdown");
    expect(journal.of("applications")).toEqual(["store starts", "web starts with welcome", "store stops"]);
  });

  test("applications: the end of a permanent one ends the VM, and `motes run` with 1", async () => {
    const ran = await motes(["run", fixture("applications")], { MOTES_TEST_CRASH: "1" }).ended;
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain("crashed as told");
    expect(ran.stdout).toMatch(/ancestors: supervisor <1\.\d+>, applications <1\.\d+>/);
    expect(ran.stdout).toContain("application_terminated web (shutdown)");
    expect(ran.stdout).toContain("The permanent application web ended (shutdown)");
    expect(ran.stdout).toContain("store stops");
  });
});
