import { afterEach, describe, expect, test } from "vitest";
import { Targets } from "../../../src/host/targets.ts";
import { bundle, isolate, processTarget, wasm } from "../../../src/index.ts";
import { fixture, Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

describe("targets of a host", () => {
  test("targets: the standard one where nothing is said; all others by name where it is the weakest", () => {
    const targets = new Targets(isolate);
    expect(targets.named(undefined)).toBe(isolate);
    expect(targets.named("process")).toBe(processTarget);
    expect(targets.named("wasm")).toBe(wasm);
    expect(() => targets.named("cloud")).toThrow(
      expect.objectContaining({ code: "UNKNOWN_TARGET" }) as Error,
    );
  });

  test("targets: none behind a weaker boundary, unless whoever made the host says so", () => {
    expect(() => new Targets(processTarget).named("isolate")).toThrow(/There is: process$/);
    expect(new Targets(processTarget, [isolate]).named("isolate")).toBe(isolate);
  });

  test("targets: a boot and a child of a program name one, and a name that is none is refused with those that are", async () => {
    const { host } = lab.host();
    const image = await bundle(fixture("hello"));
    const refused = { code: "UNKNOWN_TARGET", message: expect.stringContaining("isolate") as string };
    await expect(host.boot(image, { target: "cloud" })).rejects.toMatchObject(refused);
    expect(host.running).toEqual([]);
  });

  test("host: as many VMs as it may have, and no more; then again when one has ended", async () => {
    const { host } = lab.host({ vmsMax: 2 });
    const [one] = await lab.boots(host, 2);
    await expect(lab.boot(host)).rejects.toMatchObject({ code: "TOO_MANY_VMS" });
    await one?.kill();
    await lab.boot(host);
    const { host: small } = lab.host({ memoryMbMax: 300 });
    const half = await lab.boot(small, { memoryMb: 200 });
    await expect(lab.boot(small, { memoryMb: 101 })).rejects.toMatchObject({ code: "HOST_MEMORY" });
    await lab.boot(small, { memoryMb: 100 });
    await half.kill();
    await lab.boot(small, { memoryMb: 200 });
    expect(() => lab.host({ memoryMbMax: 0 })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }) as Error,
    );
    for (const vmsMax of [0, 65_536, 1.5, Number.NaN])
      expect(() => lab.host({ vmsMax })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }) as Error);
  });
});
