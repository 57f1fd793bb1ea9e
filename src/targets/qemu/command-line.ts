/**
 * The command line of one hardware VM. Each switch that is not self-evident has cost somebody an afternoon: their reasons stand
 * beside them, and `test/src/targets/qemu/command-line.test.ts` holds them.
 */

import { regionBytes } from "./region.ts";

/** Descriptors that QEMU is born with. */
export const machineFd = { wire: 3, monitor: 4, state: 5, region: 6 } as const;

/** What the machine's own memory is. */
export type MachineMemory =
  /** Nobody else sees it. */
  | { readonly type: "own" }
  /** A file that its changes go to: a template's. */
  | { readonly type: "file"; readonly path: string }
  /** A private copy, page by page as it is written, of a template's file: the machine goes on from the state of that. */
  | { readonly type: "clone"; readonly path: string; readonly state: string };

export interface MachineOptions {
  readonly accelerator: "tcg" | "kvm";
  readonly kernel: string;
  readonly initramfs: string;
  /** The machine's memory, in MiB. */
  readonly memoryMb: number;
  /** V8's heap, in MiB. */
  readonly heapMb: number;
  readonly memory: MachineMemory;
  /** Of the host's time stamp counter. */
  readonly tscKhz: number;
}

/** The file has no name of its own. */
const regionPath = `/proc/self/fd/${machineFd.region}`;

export function commandLine(options: MachineOptions): readonly string[] {
  const { accelerator, kernel, initramfs, memory } = options;
  const size = `${options.memoryMb}M`;
  const backed = memory.type !== "own";
  return [
    ["-M", `microvm,pcie=on${backed ? ",memory-backend=ram" : ""}`],
    // Translated code: more is no faster, and less is slow.
    ["-accel", accelerator === "tcg" ? "tcg,tb-size=64" : "kvm"],
    ["-m", size],
    // RDRAND, or Node waits a second for entropy.
    ["-cpu", accelerator === "kvm" ? "host" : "qemu64,+rdrand"],
    // One CPU, but room for two: else QEMU translates atomic instructions into plain ones, and the host sees them torn.
    ["-smp", "1,maxcpus=2"],
    ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    // A template writes its state by a program, and runs nobody's code.
    [
      "-sandbox",
      `on,obsolete=deny,elevateprivileges=deny,spawn=${memory.type === "file" ? "allow" : "deny"},resourcecontrol=deny`,
    ],
    ["-kernel", kernel, "-initrd", initramfs, "-append", kernelLine(options)],
    ["-object", `memory-backend-file,id=region,size=${regionBytes},share=on,mem-path=${regionPath}`],
    // Without `master` a machine cannot be snapshotted.
    ["-device", "ivshmem-plain,memdev=region,master=on"],
    ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ["-chardev", `socket,id=wire,fd=${machineFd.wire}`, "-device", "isa-serial,chardev=wire,index=1"],
    backed
      ? [
          "-object",
          `memory-backend-file,id=ram,size=${size},mem-path=${memory.path},share=${memory.type === "file" ? "on" : "off"}`,
        ]
      : [],
    backed
      ? ["-chardev", `socket,id=monitor,fd=${machineFd.monitor}`, "-mon", "chardev=monitor,mode=control"]
      : [],
    memory.type === "clone" ? ["-incoming", "defer"] : [],
  ].flat();
}

function kernelLine({ accelerator, tscKhz, heapMb }: MachineOptions): string {
  return [
    "console=ttyS0 quiet loglevel=1 panic=-1 reboot=t",
    // There is nothing to measure the counter against: without this the kernel hangs now and then, and says nothing.
    ...(accelerator === "tcg" ? [`tsc=reliable tsc_early_khz=${tscKhz}`] : []),
    "random.trust_cpu=on nokaslr mitigations=off no_timer_check cryptomgr.notests audit=0 lsm= init_on_alloc=0",
    "8250.nr_uarts=2 ipv6.disable=1 rcupdate.rcu_expedited=1",
    // The other kind takes at most half of the memory.
    "rootfstype=ramfs rdinit=/node",
    `-- --max-old-space-size=${heapMb} --disable-warning=ExperimentalWarning /init.js`,
  ].join(" ");
}
