/** From `boot` to the root supervisor's ready, each VM a machine of its own, against the same kernel with next to nothing in it. */
import type { Bench } from "./bench.ts";
import { qemuNode } from "./qemu.ts";

export const bootQemu: Bench = {
  name: "boot-qemu",
  about: "one VM booted at a time as a hardware VM, until it says ready",
  figures: [
    { name: "boot", unit: "ms", better: "lower", of: ({ work, elapsedNs }) => elapsedNs / work / 1e6 },
  ],
  check: (count) => String(count),
  goals: [
    { figure: "boot", ours: "motes qemu, a clone", atMost: 400 },
    { figure: "boot", ours: "motes qemu, cold", atMost: 3000 },
  ],
  contenders: [
    { name: "motes qemu, a clone", role: "ours", count: 20, program: qemuNode("boot-qemu/vm.ts") },
    { name: "motes qemu, cold", role: "ours", count: 5, program: qemuNode("boot-qemu/vm.ts", ["cold"]) },
    {
      name: "bare QEMU, same kernel, empty init",
      role: "peer",
      count: 5,
      program: qemuNode("boot-qemu/bare-machine.ts"),
    },
  ],
};
