/** Finds out whether this machine can run hardware VMs: QEMU, a kernel, and what keeps a VM from outliving its host. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { srcError } from "../../errors.ts";
import { loadNative, type LoadedNative } from "../process/load-native.ts";
import { Cache } from "./cache.ts";

/** What hardware VMs are made with here. */
export interface Equipment {
  readonly native: LoadedNative;
  readonly qemu: string;
  /** Has the kernel end a process with its parent. */
  readonly setpriv: string;
  readonly kernel: string;
  readonly tscKhz: number;
}

export interface EquipmentOptions {
  /** A Linux kernel for x86-64, with serial ports and PCI built in. Default: `MOTES_KERNEL`, one in `/boot`, one that `npm run setup` has fetched. */
  readonly kernel?: string;
  /** Where to look for programs. Default: `PATH`. */
  readonly path?: string;
}

/** Throws `TARGET_UNAVAILABLE` with what is missing. */
export function findEquipment({
  kernel,
  path = process.env["PATH"] ?? "",
}: EquipmentOptions = {}): Equipment {
  if (process.arch !== "x64" || process.platform !== "linux")
    throw unavailable("it needs Linux on x86-64", "There is no other kind yet");
  return {
    native: loadNative(),
    qemu: program(path, "qemu-system-x86_64", "qemu-system-x86"),
    setpriv: program(path, "setpriv", "util-linux"),
    kernel: kernelPath(kernel ?? process.env["MOTES_KERNEL"]),
    tscKhz: tscKhzOf(readFileSync("/proc/cpuinfo", "utf8")),
  };
}

/** A kernel measures what it calls BogoMIPS by this counter: two to a MHz. */
export function tscKhzOf(cpuinfo: string): number {
  const mips = Number(/^bogomips\s*:\s*([\d.]+)/m.exec(cpuinfo)?.[1] ?? 0);
  if (!(mips > 0)) throw unavailable("/proc/cpuinfo does not tell the speed of its counter (bogomips)", "");
  return Math.round((mips / 2) * 1000);
}

function program(path: string, name: string, debian: string): string {
  const found = path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isReadable);
  if (found !== undefined) return found;
  throw unavailable(`there is no ${name}`, `Install it: apt-get install ${debian}, or npm run setup`);
}

function kernelPath(given: string | undefined): string {
  if (given !== undefined) {
    if (isReadable(given)) return given;
    throw unavailable(`there is no kernel ${given}`, "Name one that can be read, or none");
  }
  const folders = ["/boot", join(Cache.place, "kernel")];
  for (const folder of folders) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const found = names
      .filter((name) => /^vmlinuz-\d/.test(name))
      .sort(byVersion)
      .map((name) => join(folder, name))
      .find(isReadable);
    if (found !== undefined) return found;
  }
  throw unavailable(
    `there is no Linux kernel that can be read in ${folders.join(" or ")}`,
    "Fetch one: npm run setup; or name one in MOTES_KERNEL",
  );
}

/** The newest first. */
const byVersion = (a: string, b: string): number => b.localeCompare(a, "en", { numeric: true });

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

const unavailable = (why: string, advice: string): Error =>
  srcError("TARGET_UNAVAILABLE", { target: "qemu", why, advice });
