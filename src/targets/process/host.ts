import { assert, crashOf, type ExitReason } from "../../../kernel/index.ts";
import type { PeerVm } from "../peer-vm.ts";
import { hear } from "../protocol.ts";
import type { RingMemory } from "../ring-line.ts";
import type { Target, Vm, VmEvents, VmSpec } from "../target.ts";
import { BlankProcess, type ChildListener } from "./blank.ts";
import { loadNative } from "./load-native.ts";
import { ShmCommons } from "./shm-commons.ts";
import { sweepShm } from "./shm-folder.ts";

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
  blank(spec, commons) {
    assert(commons instanceof ShmCommons, "a process is booted with what its target has made");
    return new BlankProcess(spec, commons);
  },
  boot: (spec, events) => new ProcessVm(spec, events),
};

class ProcessVm implements Vm, ChildListener {
  private readonly made: BlankProcess;
  private readonly events: VmEvents;
  /** Why it ends: the first reason counts. */
  private reason: ExitReason | undefined = undefined;
  private outOfMemory = false;

  constructor(spec: VmSpec, events: VmEvents) {
    this.events = events;
    const { commons, memoryMb, image, devices, blank, vm, place, cores, development } = spec;
    assert(commons instanceof ShmCommons, "a process is booted with what its target has made");
    assert(blank === undefined || blank instanceof BlankProcess, "a target boots what it made itself");
    // Made before the child looks for it.
    commons.board.doorbell(place);
    // Only what was declared: a process that it starts is outside of the permission model.
    const spawns = devices?.includes("spawn") === true;
    this.made = blank ?? new BlankProcess({ memoryMb, env: false, spawns }, commons, image);
    const { child } = this.made;
    child.on("error", (error) => this.failed(error));
    child.on("exit", (code, signal) => this.exited(code, signal));
    // After the last line of each of its pipes.
    child.on("close", () => this.events.ended(this.reason ?? "killed"));
    const { folder, places } = commons;
    const guest = { vm, place, cores, development, folder, places, hostRingPath: pathOf(spec.hostRing) };
    this.made.start({ image, devices }, { target: "process", ...guest }, this);
  }

  ring(peer: PeerVm, memory: RingMemory, end: "a" | "b", place: number): void {
    this.made.tell({ type: "ring", peer, path: pathOf(memory), end, place });
  }

  peerEnded(peer: PeerVm, reason: ExitReason): void {
    this.made.tell({ type: "ended", peer, reason });
  }

  kill(reason: ExitReason): void {
    this.reason ??= reason;
    this.made.child.kill("SIGKILL");
  }

  hold(held: boolean): void {
    this.made.child.kill(held ? "SIGSTOP" : "SIGCONT");
  }

  printed(text: string): void {
    this.events.log({ level: "info", text });
  }

  told(message: unknown): void {
    hear(message, this.events, (reason) => this.kill(reason));
  }

  /** Standard error: the program's, or V8's last words. */
  complained(text: string): void {
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
    if (this.made.child.pid === undefined) this.events.ended(this.reason);
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
