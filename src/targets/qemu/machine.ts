/** QEMU as a process of its own, which ends with this one, however that ends. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { commandLine, machineFd, type MachineOptions } from "./command-line.ts";
import type { Equipment } from "./equipment.ts";

/** A machine that has been started. */
export interface StartedMachine {
  readonly child: ChildProcess;
  readonly console: Readable;
  /** Standard error of QEMU itself. */
  readonly complaints: Readable;
  readonly wire: Duplex;
  /** A template's, and a clone's. */
  readonly monitor: Duplex | undefined;
}

/** Between the request to the kernel and QEMU: if the host has died before it, nobody would end the machine. */
const orphanCheck = '[ "$PPID" = "$0" ] && exec "$@"';

/** `region` and `state` are descriptors: of the memory that the host sees too, and of a snapshot to be written or read. */
export function startMachine(
  { setpriv, qemu }: Pick<Equipment, "setpriv" | "qemu">,
  options: MachineOptions,
  region: number,
  state: number | "ignore",
): StartedMachine {
  const monitor = options.memory.type === "own" ? "ignore" : "pipe";
  const child = spawn(
    setpriv,
    [
      "--pdeathsig",
      "KILL",
      "--no-new-privs",
      "/bin/sh",
      "-c",
      orphanCheck,
      String(process.pid),
      qemu,
      ...commandLine(options),
    ],
    { cwd: "/", env: {}, stdio: ["ignore", "pipe", "pipe", "pipe", monitor, state, region] },
  );
  const { stdout, stderr, stdio } = child;
  // Sound: they were asked for as pipes, which Node makes of sockets, and are there even if the child is not.
  const [wire, control] = [stdio[machineFd.wire], stdio[machineFd.monitor]] as [Duplex, Duplex | null];
  return {
    child,
    console: stdout as Readable,
    complaints: stderr as Readable,
    wire,
    monitor: control ?? undefined,
  };
}
