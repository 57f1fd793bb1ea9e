import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { assert, crashOf, type ExitReason } from "../../../kernel/index.ts";
import { confinementOf } from "../confine.ts";
import { hear } from "../protocol.ts";
import type { RingMemory } from "../ring-line.ts";
import type { PeerVm } from "../peer-vm.ts";
import type { Target, Vm, VmEvents, VmSpec } from "../target.ts";
import { heapFlag } from "./compiled-form.ts";
import { loadNative } from "./load-native.ts";
import { permissionFlags } from "./permission-flags.ts";
import { guestFd, type ProcessGuestOptions, type ToProcessGuest } from "./protocol.ts";
import { ShmCommons } from "./shm-commons.ts";
import { sweepShm } from "./shm-folder.ts";
import { sandboxOf } from "./sandbox.ts";
import { starter } from "./starter.ts";
import { asLine, fromLine, TextLines } from "./text-lines.ts";

/**
 * Each VM an operating system process: Node with its permission model, an empty environment and a heap limit, which the kernel
 * kills when its host dies. Rings lie in memory below `/dev/shm`. Needs Linux, and koffi's native part.
 */
export const processTarget: Target = {
  name: "process",
  commons(places) {
    const native = loadNative();
    sweepShm();
    return new ShmCommons(native, places);
  },
  boot: (spec, events) => new ProcessVm(spec, events),
};

class ProcessVm implements Vm {
  private readonly child: ChildProcess;
  private readonly events: VmEvents;
  /** Why it ends: the first reason counts. */
  private reason: ExitReason | undefined = undefined;
  private outOfMemory = false;

  constructor(spec: VmSpec, events: VmEvents) {
    this.events = events;
    const { commons, memoryMb, image } = spec;
    assert(commons instanceof ShmCommons, "a process is booted with what its target has made");
    const flag = heapFlag(memoryMb);
    const { fd, codeBytes, cachedBytes } = commons.image(image);
    // Made before the child looks for it.
    commons.board.doorbell(spec.place);
    const options: ProcessGuestOptions = {
      target: "process",
      vm: spec.vm,
      place: spec.place,
      cores: spec.cores,
      development: spec.development,
      path: image.path,
      confinement: spec.devices === undefined ? undefined : confinementOf(spec.devices),
      sandbox: sandboxOf(memoryMb, spec.devices, commons.folder),
      codeBytes,
      cachedBytes,
      addonPath: commons.addonPath,
      hostPid: process.pid,
      folder: commons.folder,
      places: commons.places,
      hostRingPath: pathOf(spec.hostRing),
    };
    // Only what was declared: a process that it starts is outside of the permission model.
    const spawns = spec.devices?.includes("spawn") === true;
    const flags = [...permissionFlags(process.version, spawns), flag];
    this.child = spawn(process.execPath, [...flags, "-e", starter, JSON.stringify(options)], {
      cwd: "/",
      env: {},
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", fd],
    });
    const { child } = this;
    child.on("error", (error) => this.failed(error));
    child.on("exit", (code, signal) => this.exited(code, signal));
    // After the last line of each of its pipes.
    child.on("close", () => this.events.ended(this.reason ?? "killed"));
    this.listen(child.stdout, (line) => this.events.log({ level: "info", text: line }));
    this.listen(child.stderr, (line) => this.complain(line));
    this.listen(child.stdio[guestFd.toHost], (line) =>
      hear(fromLine(line), events, (reason) => this.kill(reason)),
    );
    // It ended before it read all: its exit says so.
    child.stdio[guestFd.fromHost]?.on("error", () => {});
  }

  ring(peer: PeerVm, memory: RingMemory, end: "a" | "b", place: number): void {
    this.tell({ type: "ring", peer, path: pathOf(memory), end, place });
  }

  peerEnded(peer: PeerVm, reason: ExitReason): void {
    this.tell({ type: "ended", peer, reason });
  }

  kill(reason: ExitReason): void {
    this.reason ??= reason;
    this.child.kill("SIGKILL");
  }

  private tell(message: ToProcessGuest): void {
    const line = asLine(message);
    assert(line !== undefined, "what a host tells a guest is short, and data");
    // Sound: it was asked for as a pipe, and is there even if the child is not.
    (this.child.stdio[guestFd.fromHost] as Writable | null)?.write(`${line}\n`);
  }

  private listen(pipe: unknown, hear: (line: string) => void): void {
    const lines = new TextLines(hear);
    // Sound: as above. None if there was no child.
    const readable = pipe as Readable | null | undefined;
    readable?.on("data", (bytes: Buffer) => lines.push(bytes));
    readable?.on("error", () => lines.end());
    readable?.on("end", () => lines.end());
  }

  /** Standard error: the program's, or V8's last words. */
  private complain(text: string): void {
    if (text.includes("JavaScript heap out of memory")) this.outOfMemory = true;
    this.events.log({ level: "warn", text });
  }

  private exited(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.outOfMemory && signal === "SIGABRT" && this.reason === undefined) {
      this.events.log({
        level: "error",
        text: "out of memory: the VM reached its heap limit and was killed",
      });
      this.reason = "killed";
    }
    this.reason ??= endOf(code, signal);
  }

  /** It could not be started, or not be killed. */
  private failed(error: Error): void {
    this.reason ??= crashOf(error);
    if (this.child.pid === undefined) this.events.ended(this.reason);
  }
}

function pathOf(ring: RingMemory): string {
  assert("path" in ring, "the rings of processes have a path");
  return ring.path;
}

/** Why a process ended that nobody of ours has ended, and that has not said. */
function endOf(code: number | null, signal: NodeJS.Signals | null): ExitReason {
  if (signal === "SIGKILL") return "killed";
  if (signal !== null) {
    return {
      type: "crash",
      name: "Signal",
      code: signal,
      message: `the VM's process was ended by ${signal}`,
    };
  }
  const message = `the VM called process.exit(${code}); end its root instead`;
  return { type: "crash", name: "Exit", message };
}
