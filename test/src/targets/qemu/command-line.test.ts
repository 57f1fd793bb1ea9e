import { expect, test } from "vitest";
import { commandLine, type MachineMemory } from "../../../../src/targets/qemu/command-line.ts";

const line = (memory: MachineMemory = { type: "own" }, accelerator: "tcg" | "kvm" = "tcg"): string =>
  commandLine({
    accelerator,
    kernel: "/kernel",
    initramfs: "/initramfs",
    memoryMb: 448,
    heapMb: 256,
    memory,
    tscKhz: 2_600_000,
  }).join(" ");

test("command line: the counter's speed is told, or the kernel hangs now and then", () => {
  expect(line()).toContain("tsc_early_khz=2600000");
  expect(line({ type: "file", path: "/ram" })).toContain("tsc_early_khz=2600000");
  expect(line({ type: "clone", path: "/ram", state: "/state" })).toContain("tsc_early_khz=2600000");
});

test("command line: RDRAND, or Node waits a second for entropy", () => {
  expect(line()).toContain("-cpu qemu64,+rdrand");
  expect(line()).toContain("random.trust_cpu=on");
});

test("command line: room for a second CPU, or atomic instructions are none to the host", () => {
  expect(line()).toContain("-smp 1,maxcpus=2");
});

test("command line: no network, no disk, nothing that was not asked for, and no way to start a program", () => {
  expect(line()).toContain("-nodefaults -no-user-config");
  expect(line()).not.toMatch(/-net|-drive|-nic|-virtfs|nvme/);
  expect(line()).toContain("spawn=deny");
  expect(line({ type: "clone", path: "/ram", state: "/state" })).toContain("spawn=deny");
});

test("command line: a clone has its template's memory to itself, and waits for its state", () => {
  expect(line({ type: "file", path: "/ram" })).toContain("mem-path=/ram,share=on");
  const clone = line({ type: "clone", path: "/ram", state: "/state" });
  expect(clone).toContain("mem-path=/ram,share=off");
  expect(clone).toContain("-incoming defer");
  expect(line()).not.toContain("-incoming");
});
