/**
 * KVM or emulation: whether the processor's own virtualisation runs a kernel here shows only when it is tried, since a machine that
 * is itself virtual may offer it and then hang. Tried once, and remembered until this machine is booted anew.
 */
import { accessSync, constants, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { withBlankMachine } from "./blank-machine.ts";
import { type Cache, digestOf, stampOf } from "./cache.ts";
import type { MachineOptions } from "./command-line.ts";
import type { Equipment } from "./equipment.ts";

const device = "/dev/kvm";
/** With KVM a blank machine is there in a quarter of it. */
const timeoutMs = 4000;

export interface Accelerator {
  readonly name: "kvm" | "tcg";
  /** For whoever asks why. */
  readonly why: string;
}

/** `options`: how a blank machine is booted here. */
export async function chooseAccelerator(
  equipment: Equipment,
  cache: Cache,
  options: MachineOptions,
): Promise<Accelerator> {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
  } catch {
    return { name: "tcg", why: `emulated: there is no ${device} that this user may use` };
  }
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1");
  const name = `accelerator-${digestOf(stampOf(equipment.qemu), options.kernel, boot)}`;
  const path = await cache.get(name, async (fresh) => {
    await writeFile(fresh, (await kvmWorks(equipment, options)) ? "kvm" : "tcg");
  });
  return (await readFile(path, "latin1")) === "kvm"
    ? { name: "kvm", why: `by ${device}` }
    : {
        name: "tcg",
        why: `emulated: ${device} is there, but a kernel did not boot with it in ${timeoutMs} ms`,
      };
}

const kvmWorks = (equipment: Equipment, options: MachineOptions): Promise<boolean> =>
  withBlankMachine(equipment, { ...options, accelerator: "kvm" }, timeoutMs, async () => {}).then(
    () => true,
    () => false,
  );
