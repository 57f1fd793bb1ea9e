import { execFile } from "node:child_process";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { type Accelerator, chooseAccelerator } from "./accelerator.ts";
import { type Cache, digestOf, digestOfFile, stampOf } from "./cache.ts";
import type { MachineOptions } from "./command-line.ts";
import type { Equipment } from "./equipment.ts";
import { init } from "./init.ts";
import { initramfs } from "./initramfs.ts";
import { Templates } from "./templates.ts";
import { vmlinuxOf } from "./vmlinux.ts";

/** What kernel, root file system and Node take beside the heap, in MiB. */
const besideHeapMb = 192;
/** No machine boots with less, in MiB. */
const leastMb = 256;
const leastHeapMb = 32;

/**
 * What hardware VMs are booted from: knows how a machine must be started so that it is blank, and waits to be told what to run.
 * Its root file system is made at the first use, and kept.
 */
export class Blanks {
  private readonly equipment: Equipment;
  private readonly cache: Cache;
  private readonly templates: Templates | undefined;
  private koffiDigest: string | undefined = undefined;

  /** `clones`: whether a machine goes on from a template, or boots by itself. */
  constructor(equipment: Equipment, cache: Cache, clones: boolean) {
    this.equipment = equipment;
    this.cache = cache;
    this.templates = clones ? new Templates(equipment, cache) : undefined;
  }

  /** One with at least so much heap: sizes are powers of two. */
  async options(memoryMb: number): Promise<MachineOptions> {
    const emulated = await this.bootOptions(memoryMb);
    const { name: accelerator } = await chooseAccelerator(this.equipment, this.cache, emulated);
    const options = { ...emulated, accelerator };
    return this.templates?.clone(options) ?? options;
  }

  /** KVM or not, and why. */
  async accelerator(): Promise<Accelerator> {
    return chooseAccelerator(this.equipment, this.cache, await this.bootOptions(leastHeapMb));
  }

  private async bootOptions(memoryMb: number): Promise<MachineOptions> {
    const { tscKhz } = this.equipment;
    const heapMb = heapOf(memoryMb);
    return {
      accelerator: "tcg",
      kernel: await this.kernel(),
      initramfs: await this.initramfs(),
      memoryMb: Math.max(leastMb, heapMb + besideHeapMb),
      heapMb,
      memory: { type: "own" },
      tscKhz,
    };
  }

  /** Unpacked, where that can be done. */
  private async kernel(): Promise<string> {
    const { kernel } = this.equipment;
    return this.cache.get(`vmlinux-${digestOf(stampOf(kernel))}`, async (path) => {
      const image = await readFile(kernel);
      await writeFile(path, vmlinuxOf(image) ?? image, { flag: "wx", mode: 0o600 });
    });
  }

  private initramfs(): Promise<string> {
    const parts = { node: process.execPath, koffi: this.equipment.native.addonPath };
    this.koffiDigest ??= digestOfFile(parts.koffi);
    const name = `initramfs-${digestOf(stampOf(parts.node), this.koffiDigest, init)}`;
    return this.cache.get(name, async (path) => {
      const stripped = `${path}-node`;
      // It loses what only debuggers want. Where there is no such program, it is larger.
      await promisify(execFile)("strip", ["-o", stripped, parts.node]).catch(() =>
        copyFile(parts.node, stripped),
      );
      const fd = openSync(path, "wx", 0o600);
      try {
        for (const bytes of initramfs(parts, readFileSync(stripped)))
          for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      } finally {
        closeSync(fd);
        await rm(stripped);
      }
    });
  }
}

/** V8's heap in a machine for so many MiB. */
export const heapOf = (memoryMb: number): number =>
  Math.max(leastHeapMb, 2 ** Math.ceil(Math.log2(memoryMb)));
