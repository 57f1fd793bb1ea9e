import { afterEach, describe, expect, test } from "vitest";
import { isMotesError, type HostBootOptions } from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import { Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

describe("host: what a caller gets wrong", () => {
  test("host: arguments that cannot be copied fail the boot at once, and leave nothing", async () => {
    const { host } = lab.host();
    await expect(lab.boot(host, { args: [() => 1] })).rejects.toThrow(/args\[0\]|a function/);
    expect(host.running).toEqual([]);
    expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
  });

  test.each([
    { memoryMb: 0 },
    { memoryMb: -1 },
    { memoryMb: Number.NaN },
    { watchdogMs: 0 },
    { watchdogMs: Number.NaN },
    { bootTimeoutMs: 0 },
    { bootTimeoutMs: -5 },
    // As JavaScript callers may.
    { memoryMb: "64" as never },
    { name: 7 as never },
    { entry: null as never },
    { args: "one" as never },
  ] satisfies HostBootOptions[])("host: a boot with %o is refused", async (options) => {
    const { host } = lab.host();
    await expect(lab.boot(host, options)).rejects.toMatchObject({ code: "BAD_OPTION" });
    expect(host.running).toEqual([]);
    expect(await host.self.call((await lab.boot(host)).root, "ping")).toBe("pong");
  });

  test("host: Infinity is no bound", async () => {
    const { host } = lab.host();
    const vm = await lab.boot(host, { watchdogMs: Infinity, bootTimeoutMs: Infinity });
    expect(await host.self.call(vm.root, "ping")).toBe("pong");
  });

  test("host: an entry that the image does not have is VM_UNDECLARED, a late root VM_BOOT_TIMEOUT", async () => {
    const { host } = lab.host();
    await expect(lab.boot(host, { entry: "nothing" })).rejects.toMatchObject({ code: "VM_UNDECLARED" });
    await expect(lab.boot(host, { entry: "late", bootTimeoutMs: 100 })).rejects.toMatchObject({
      code: "VM_BOOT_TIMEOUT",
    });
    expect(host.running).toEqual([]);
  });

  test("host: whoever asks after the stop gets an answer", async () => {
    const { host } = lab.host();
    const vm = await lab.boot(host);
    await host.stop();
    // Thrown at once by one that has ended by now.
    const asked = async (): Promise<unknown> => host.self.call(vm.root, "ping");
    const problem = await asked().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(isMotesError(problem)).toBe(true);
    expect(await vm.stop()).toBe("shutdown");
    expect(await vm.kill()).toBe("shutdown");
  });
});

describe("host: what a VM gets wrong", () => {
  test.each([
    { memoryMb: -1 },
    { memoryMb: "much" },
    { watchdogMs: Number.NaN },
    { bootTimeoutMs: -1 },
    { name: { toString: 1 } },
    { name: "x".repeat(100_000) },
  ])("host: a request for a boot with %o harms nobody", async (options) => {
    const { host } = lab.host();
    const vm = await lab.boot(host);
    await host.self.call(vm.root, "bootProblem", options);
    expect(await host.self.call(vm.root, "ping")).toBe("pong");
    await vm.stop();
    await eventually(
      () => host.running,
      ({ length }) => length === 0,
    );
  });
});
