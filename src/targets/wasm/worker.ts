import { parentPort, workerData } from "node:worker_threads";
import type { ExitReason } from "../../../kernel/index.ts";
import { Board } from "../board.ts";
import { isolations } from "./isolation.ts";
import type { MachineImage, MakeMachine } from "./machine.ts";
import type { FromWorker, ToWorker, WasmVmSpec, WorkerOptions } from "./protocol.ts";
import { Pulse } from "./pulse.ts";
import { RecordBuffer } from "./worker-lines.ts";
import { WorkerVm } from "./worker-vm.ts";

/** How often a VM that keeps the thread makes its neighbours' excuses, in ms. */
const excuseEveryMs = 20;

/** A thread with many VMs in it, each a machine of the worker's kind. They take turns; none can hold up the others for long. */
export async function serve(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("this runs in a worker thread");
  const queued: ToWorker[] = [];
  let hear = (message: ToWorker): void => void queued.push(message);
  port.on("message", (message: ToWorker) => hear(message));
  // Sound: the host made it.
  const options = workerData as WorkerOptions;
  const make = await isolations[options.isolation](options.quickjs);
  const crowd = new Crowd(make, options, (message) => port.postMessage(message));
  hear = (message) => crowd.hear(message);
  for (const message of queued) crowd.hear(message);
}

class Crowd {
  private readonly make: MakeMachine;
  private readonly turnLimitMs: number;
  private readonly board: Board;
  private readonly slots: Int32Array;
  private readonly pulse: Pulse;
  private readonly post: (message: FromWorker) => void;
  private readonly vms = new Map<number, WorkerVm>();
  private readonly images = new Map<number, MachineImage>();
  private readonly records = new RecordBuffer();
  private excusedAtMs = 0;

  constructor(make: MakeMachine, options: WorkerOptions, post: (message: FromWorker) => void) {
    this.make = make;
    this.turnLimitMs = options.turnLimitMs;
    this.board = new Board(options.board);
    this.slots = new Int32Array(options.slots);
    this.pulse = new Pulse(options.pulse);
    this.post = post;
  }

  hear(message: ToWorker): void {
    switch (message.type) {
      case "image":
        return void this.images.set(message.image, message);
      case "boot":
        return this.boot(message.spec);
      case "hold":
        return this.vms.get(message.vm)?.hold(message.held);
      case "kill":
        return this.vms.get(message.vm)?.end(undefined);
      case "ring": {
        const { vm, peer, memory, end, place } = message;
        const found = this.vms.get(vm);
        const line = found?.lines.open(memory, end, place);
        return found?.hear(JSON.stringify({ type: "ring", peer, line, end, place }));
      }
      case "ended":
        return this.vms
          .get(message.vm)
          ?.hear(JSON.stringify({ type: "ended", peer: message.peer, reason: message.reason }));
    }
  }

  private boot(spec: WasmVmSpec): void {
    const image = this.images.get(spec.image);
    if (image === undefined) throw new Error("an image is sent before its VMs");
    const { vm, slot } = spec;
    const gone = (reason: ExitReason | undefined, spoiled: boolean): void => {
      this.vms.delete(vm);
      this.post({ type: "gone", vm, reason, spoiled });
    };
    const booted: WorkerVm = new WorkerVm({
      make: this.make,
      image,
      spec,
      board: this.board,
      records: this.records,
      pulse: this.pulse,
      interrupted: (startedAtMs) => this.interrupted(booted, slot, startedAtMs),
      tell: (message) => this.post({ type: "vm", vm, message }),
      gone,
    });
    this.vms.set(vm, booted);
    if (Atomics.load(this.slots, slot) !== 0) return booted.end(undefined);
    booted.load();
  }

  /** Whoever waits for this VM has not hung: only the one that runs owes a turn. */
  private interrupted(running: WorkerVm, slot: number, startedAtMs: number): boolean {
    if (Atomics.load(this.slots, slot) !== 0) return true;
    const nowMs = performance.now();
    if (nowMs - startedAtMs > this.turnLimitMs) return true;
    // Not for one that is told to stop: it may ask again, for ever.
    this.pulse.beat();
    if (nowMs - startedAtMs > excuseEveryMs && nowMs - this.excusedAtMs > excuseEveryMs) {
      this.excusedAtMs = nowMs;
      for (const vm of this.vms.values()) if (vm !== running && vm.loaded) this.board.turned(vm.place);
    }
    return false;
  }
}
