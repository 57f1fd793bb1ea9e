import { closeSync, openSync } from "node:fs";
import { assert, crashOf, type ExitReason } from "../../../kernel/index.ts";
import { compiledForm } from "../process/compiled-form.ts";
import { asLine, fromLine, TextLines } from "../process/text-lines.ts";
import { confineText } from "../confine.ts";
import { hear } from "../protocol.ts";
import type { RingMemory } from "../ring-line.ts";
import type { PeerVm } from "../peer-vm.ts";
import type { Target, Vm, VmEvents, VmSpec } from "../target.ts";
import { Blanks } from "./blanks.ts";
import { bootLine } from "./boot-line.ts";
import { Cache } from "./cache.ts";
import { ConsoleText } from "./console-text.ts";
import { type Equipment, type EquipmentOptions, findEquipment } from "./equipment.ts";
import { type StartedMachine, startMachine } from "./machine.ts";
import { asFromMachine, type FromMachine, type ToQemuGuest } from "./protocol.ts";
import type { ImageExtents } from "./region.ts";
import { RegionCommons } from "./region-commons.ts";
import { loadState } from "./snapshot.ts";
import { ringByte, WireLines } from "./wire-lines.ts";

export interface QemuOptions extends EquipmentOptions {
  /**
   * Whether VMs are copies of a blank machine that was booted once: ready in a tenth of the time, and they share the memory that
   * they do not change. Default: true.
   */
  readonly clones?: boolean;
}

/**
 * Each VM a machine of its own with one CPU, by QEMU: a Linux kernel, and Node as its only process. It has no network and no disk;
 * it sees the host by one memory device, in which its rings lie, and by two serial ports: its console, and the wire that wakes and
 * that says what is no signal. It dies with its host. Heap sizes are rounded up to powers of two.
 */
export function qemuTarget(options: QemuOptions = {}): Target {
  let found: Equipment | undefined;
  const equipment = (): Equipment => (found ??= findEquipment(options));
  let made: Blanks | undefined;
  const blanks = (): Blanks => (made ??= new Blanks(equipment(), new Cache(), options.clones ?? true));
  return {
    name: "qemu",
    apart: true,
    commons: () => new RegionCommons(equipment().native),
    boot: (spec, events) => new QemuVm(spec, events, equipment(), blanks()),
  };
}

/** Hardware VMs with what this machine has. */
export const qemu: Target = qemuTarget();

const ringAlone = Uint8Array.of(ringByte);
/** What a guest that does not read its serial port may have waiting for it, in bytes: wake-ups, since one is enough, and lines. */
const unreadRingsMax = 64;
const unreadLinesMax: number = 2 ** 20;

class QemuVm implements Vm {
  private readonly spec: VmSpec;
  private readonly events: VmEvents;
  private readonly commons: RegionCommons;
  private readonly console = new ConsoleText();
  private machine: StartedMachine | undefined = undefined;
  private placed: ImageExtents | undefined = undefined;
  /** What is told before it can hear. */
  private early: string[] | undefined = [];
  private complaint = "";
  /** Why it ends: the first reason counts. */
  private reason: ExitReason | undefined = undefined;

  constructor(spec: VmSpec, events: VmEvents, equipment: Equipment, blanks: Blanks) {
    const { commons } = spec;
    assert(commons instanceof RegionCommons, "a hardware VM is booted with what its target has made");
    this.spec = spec;
    this.events = events;
    this.commons = commons;
    void this.start(equipment, blanks).catch((problem: unknown) => {
      this.kill(crashOf(problem));
      if (this.machine === undefined) this.events.ended(this.reason ?? "killed");
    });
  }

  ring(peer: PeerVm, memory: RingMemory, end: "a" | "b", place: number): void {
    assert("offset" in memory && memory.offset !== undefined, "a hardware VM's rings lie in its own region");
    const { offset, buffer } = memory;
    this.tell({ type: "ring", peer, offset, bytes: buffer.byteLength, end, place });
  }

  peerEnded(peer: PeerVm, reason: ExitReason): void {
    this.tell({ type: "ended", peer, reason });
  }

  kill(reason: ExitReason): void {
    this.reason ??= reason;
    this.machine?.child.kill("SIGKILL");
  }

  private async start(equipment: Equipment, blanks: Blanks): Promise<void> {
    const options = await blanks.options(this.spec.memoryMb);
    if (this.reason !== undefined) return this.events.ended(this.reason);
    const { memory } = options;
    const state = memory.type === "clone" ? openSync(memory.state, "r") : "ignore";
    const machine = startMachine(equipment, options, this.commons.fd, state);
    if (state !== "ignore") closeSync(state);
    this.machine = machine;
    const { child, wire } = machine;
    child.on("error", (error) => {
      this.reason ??= crashOf(error);
      if (child.pid === undefined) this.events.ended(this.reason);
    });
    // After the last line of each of its pipes.
    child.on("close", (code) => this.events.ended(this.reason ?? this.endOf(code)));
    const printed = new TextLines((line) => {
      const entry = this.console.read(line);
      if (entry !== undefined) this.events.log(entry);
    });
    machine.console.on("data", (bytes: Buffer) => printed.push(bytes));
    machine.console.on("end", () => printed.end());
    machine.complaints.on("data", (bytes: Buffer) => {
      this.complaint = (this.complaint + bytes.toString()).slice(-2000);
    });
    const lines = new WireLines(
      (line) => this.hear(fromLine(line)),
      () => this.commons.wire.onRing(),
    );
    wire.on("data", (bytes: Buffer) => lines.push(bytes));
    // It ended before it read all: its end says so.
    wire.on("error", () => {});
    this.commons.wire.ring = () => {
      if (wire.writableLength < unreadRingsMax) wire.write(ringAlone);
    };
    // While it starts.
    this.image();
    if (memory.type !== "clone") return;
    await loadState(machine);
    // It goes on where its template had said that it is blank.
    this.claim();
  }

  private tell(message: ToQemuGuest): void {
    const line = asLine(message);
    assert(line !== undefined, "what a host tells a guest is short, and data");
    if (this.early !== undefined) return void this.early.push(line);
    const wire = this.machine?.wire;
    wire?.write(`${line}\n`);
    if (wire === undefined || wire.writableLength < unreadLinesMax) return;
    this.kill({ type: "crash", name: "Machine", message: "the VM does not read what its host tells it" });
  }

  private hear(message: unknown): void {
    const own = asFromMachine(message);
    if (own !== undefined) return this.hearMachine(own);
    hear(message, this.events, (reason) => this.kill(reason));
  }

  private hearMachine(message: FromMachine): void {
    if (message.type === "exited") {
      const text = `the VM called process.exit(${message.code}); end its root instead`;
      return this.kill({ type: "crash", name: "Exit", message: text });
    }
    this.claim();
  }

  /** Once: a program may say what it wants. */
  private claim(): void {
    const { early, spec } = this;
    if (early === undefined) return;
    this.early = undefined;
    // In the memory that both see: the wire interrupts the guest for each byte.
    const line = this.commons.boot(bootLine(spec, this.image()));
    this.machine?.wire.write(`${[JSON.stringify(line), ...early].join("\n")}\n`);
  }

  /** Puts it where the guest finds it, once. */
  private image(): ImageExtents {
    const { spec } = this;
    const code = Buffer.from(spec.image.code);
    const guard = Buffer.from(spec.devices === undefined ? "" : confineText);
    return (this.placed ??= this.commons.image(code, compiledForm(spec.image), guard));
  }

  /** Why a machine ended that nobody of ours has ended, and that has not said. */
  private endOf(code: number | null): ExitReason {
    if (this.console.outOfMemory) {
      this.events.log({ level: "error", text: "out of memory: the VM reached its limit and was killed" });
      return "killed";
    }
    const { panic } = this.console;
    if (panic !== undefined)
      return { type: "crash", name: "Panic", message: `the VM's kernel gave up: ${panic}` };
    if (code === null) return "killed";
    const said = this.complaint.trim() === "" ? "" : `: ${this.complaint.trim()}`;
    return { type: "crash", name: "Machine", message: `QEMU ended with ${code}${said}` };
  }
}
