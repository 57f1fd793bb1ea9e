import { Worker } from "node:worker_threads";
import { assert, crashOf, type ExitReason } from "../../../kernel/index.ts";
import type { Isolation } from "./isolation.ts";
import type { KnownImage } from "./pool.ts";
import type { FromWorker, ToWorker, WasmVmSpec, WorkerOptions } from "./protocol.ts";
import { Pulse } from "./pulse.ts";
import { PulseWatch } from "./pulse-watch.ts";

/** For a VM that was killed to let go of its thread, in ms: what asks nobody may be long without being endless, where others have the cores. */
const letGoWithinMs = 4000;

/** Gives the worker's script the packages of motes itself. */
const starter = `
const { workerData } = require("node:worker_threads");
const { createRequire } = require("node:module");
new Function("require", workerData.code)(createRequire(workerData.from));
`;

const tookTooLong: ExitReason = {
  type: "crash",
  name: "Watchdog",
  code: "VM_WEDGED",
  message: "one turn of the VM took too long, where nothing ends it but the end of its thread",
};

/** What a VM's half in the host hears of its worker. */
export interface Tenant {
  hear(message: (FromWorker & { readonly type: "vm" })["message"]): void;
  /** Undefined: no reason but the one it was killed for. */
  gone(reason: ExitReason | undefined): void;
}

/** One worker thread, for the host: passes on what is meant for its VMs, and tells all of them if it dies itself. */
export class WasmWorker {
  private readonly worker: Worker;
  private readonly slots: Int32Array;
  private readonly free: number[];
  private readonly tenants = new Map<number, { readonly tenant: Tenant; readonly slot: number }>();
  private readonly images = new Set<number>();
  private readonly pulse = new Pulse();
  private readonly watch: PulseWatch;
  private failure: ExitReason | undefined = undefined;
  /** The VM for which the thread was ended. */
  private wedged = 0;
  private readonly ended: () => void;
  readonly isolation: Isolation;

  constructor(options: Omit<WorkerOptions, "pulse">, ended: () => void) {
    this.ended = ended;
    this.isolation = options.isolation;
    this.slots = new Int32Array(options.slots);
    this.free = Array.from({ length: this.slots.length }, (_, index) => index);
    this.worker = new Worker(starter, {
      eval: true,
      name: "motes wasm",
      workerData: { ...options, pulse: this.pulse.memory } satisfies WorkerOptions,
      execArgv: [],
      // WebAssembly tells there what its VMs are told in other ways.
      stderr: true,
    });
    this.worker.on("message", (message: FromWorker) => this.hear(message));
    this.worker.on("error", (problem) => {
      this.failure = crashOf(problem);
    });
    this.worker.on("exit", () => this.exited());
    this.worker.unref();
    this.watch = new PulseWatch(
      this.pulse,
      (vm) => (this.isKilled(vm) ? letGoWithinMs : options.turnLimitMs),
      (vm) => this.cutOff(vm),
    );
  }

  /** It takes no more VMs, for one that was cut off has left its memory behind; it ends with its last one. */
  spoiled = false;

  /** VMs in it. */
  get size(): number {
    return this.tenants.size;
  }

  boot(spec: Omit<WasmVmSpec, "slot" | "image">, known: KnownImage, tenant: Tenant): void {
    const slot = this.free.pop();
    assert(slot !== undefined, "a worker has as many slots as a host has places");
    Atomics.store(this.slots, slot, 0);
    this.tenants.set(spec.vm, { tenant, slot });
    this.worker.ref();
    this.watch.start();
    const { image, path, code } = known;
    if (!this.images.has(image)) this.post({ type: "image", image, path, code });
    this.images.add(image);
    this.post({ type: "boot", spec: { ...spec, image, slot } });
  }

  post(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  /** Ends a VM, whatever it does; if it does not let go of the thread, with all others there. */
  kill(vm: number): void {
    const found = this.tenants.get(vm);
    if (found === undefined || this.isKilled(vm)) return;
    Atomics.store(this.slots, found.slot, 1);
    // How long it has had the thread before says nothing of how it takes this.
    if (this.pulse.vm === vm) this.watch.excuse();
    this.post({ type: "kill", vm });
  }

  stop(): void {
    this.watch.stop();
    void this.worker.terminate();
  }

  private hear(message: FromWorker): void {
    const found = this.tenants.get(message.vm);
    if (found === undefined) return;
    if (message.type === "vm") return found.tenant.hear(message.message);
    this.tenants.delete(message.vm);
    this.free.push(found.slot);
    if (message.spoiled) this.spoiled = true;
    if (this.tenants.size === 0) this.idle();
    found.tenant.gone(message.reason);
  }

  private isKilled(vm: number): boolean {
    const found = this.tenants.get(vm);
    return found !== undefined && Atomics.load(this.slots, found.slot) !== 0;
  }

  /** A VM is where nothing ends it but the end of its thread. */
  private cutOff(vm: number): void {
    this.spoiled = true;
    this.wedged = vm;
    this.stop();
  }

  private idle(): void {
    this.worker.unref();
    this.watch.stop();
    if (!this.spoiled) return;
    this.ended();
    this.stop();
  }

  private exited(): void {
    this.watch.stop();
    this.ended();
    const message = "the worker thread that it shared with other VMs has ended";
    const reason: ExitReason = this.failure ?? { type: "crash", name: "Worker", message };
    const tenants = [...this.tenants];
    this.tenants.clear();
    for (const [vm, { tenant }] of tenants) tenant.gone(vm === this.wedged ? tookTooLong : reason);
  }
}
