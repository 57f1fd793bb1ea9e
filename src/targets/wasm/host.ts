import { assert, crashOf, type ExitReason } from "../../../kernel/index.ts";
import { remap } from "../../image/stack.ts";
import { hear } from "../protocol.ts";
import type { PeerVm } from "../peer-vm.ts";
import type { LogLine, Target, Vm, VmEvents, VmSpec } from "../target.ts";
import { heapCommons, HeapCommons } from "../heap-commons.ts";
import type { Isolation } from "./isolation.ts";
import { type KnownImage, Pool } from "./pool.ts";
import { Supplies } from "./supplies.ts";
import type { ToWorker } from "./protocol.ts";
import type { Tenant, WasmWorker } from "./wasm-worker.ts";

/** Small, since there are thousands: a pair with each peer. As small as a channel may be where they are packed. */
const ringCapacityBytes = {
  wasm: 64 * 1024,
  "wasm-packed": 16 * 1024,
  "wasm-instance": 16 * 1024,
} as const satisfies Record<Isolation, number>;

/**
 * VMs in WebAssembly, with nothing of Node and nothing of the machine; many share a worker thread. Bounded by a memory limit, a stack
 * limit and the watchdog, which ends an endless loop without ending the thread. What stands between them is in the target's name.
 */
function wasmTarget(isolation: Isolation): Target {
  const supplies = new Supplies(isolation);
  return {
    name: isolation,
    form: "wasm",
    commons: heapCommons,
    saysBusy: true,
    ringCapacityBytes: ringCapacityBytes[isolation],
    boot: (spec, events) => new WasmVm(isolation, supplies, spec, events),
  };
}

/** Each VM a QuickJS runtime of its own, in one instance of WebAssembly for all of a thread. */
export const wasm: Target = wasmTarget("wasm");

/** VMs of one image share a QuickJS runtime and all code that is not the program's own, frozen: a tenth of the weight, and the weakest walls. */
export const wasmPacked: Target = wasmTarget("wasm-packed");

/** Each VM an instance of WebAssembly of its own, with a memory of its own, which begins as a copy of its image's. Needs Linux, and koffi's native part. */
export const wasmInstance: Target = wasmTarget("wasm-instance");

class WasmVm implements Vm, Tenant {
  private readonly isolation: Isolation;
  private readonly supplies: Supplies;
  private readonly spec: VmSpec;
  private readonly events: VmEvents;
  private worker: WasmWorker | undefined = undefined;
  private known: KnownImage | undefined = undefined;
  /** Why it ends: the first reason counts. */
  private reason: ExitReason | undefined = undefined;
  private ended = false;
  private early: ToWorker[] = [];

  constructor(isolation: Isolation, supplies: Supplies, spec: VmSpec, events: VmEvents) {
    this.isolation = isolation;
    this.supplies = supplies;
    this.spec = spec;
    this.events = events;
    void this.start().catch((problem: unknown) => this.gone(crashOf(problem)));
  }

  ring(peer: PeerVm, memory: SharedArrayBuffer, end: "a" | "b", place: number): void {
    this.tell({ type: "ring", vm: this.spec.vm, peer, memory, end, place });
  }

  peerEnded(peer: PeerVm, reason: ExitReason): void {
    this.tell({ type: "ended", vm: this.spec.vm, peer, reason });
  }

  kill(reason: ExitReason): void {
    this.reason ??= reason;
    this.worker?.kill(this.spec.vm);
  }

  hold(held: boolean): void {
    this.tell({ type: "hold", vm: this.spec.vm, held });
  }

  hear(told: unknown): void {
    const { events } = this;
    const clear: Pick<VmEvents, "connect" | "log"> = {
      connect: (peer) => events.connect(peer),
      log: (line) => events.log(this.clear(line)),
    };
    hear(told, clear, (reason) => this.kill(reason));
  }

  gone(reason: ExitReason | undefined): void {
    if (this.ended) return;
    this.ended = true;
    const why = this.reason ?? reason ?? "killed";
    this.events.ended(this.known === undefined ? why : remap(why, { ...this.spec.image, ...this.known }));
  }

  private async start(): Promise<void> {
    const { vm, name, image, commons, place, development, memoryMb, hostRing } = this.spec;
    assert(commons instanceof HeapCommons, "a target boots with what it made itself");
    const pool = commons.kept(Pool);
    const [known, equipment] = await Promise.all([
      pool.image(image, this.supplies),
      this.supplies.equipment(),
    ]);
    if (this.reason !== undefined) return this.gone(undefined);
    const worker = pool.worker(equipment, this.isolation);
    this.known = known;
    this.worker = worker;
    // Sound: `HeapCommons` made it.
    const ring = hostRing as SharedArrayBuffer;
    worker.boot({ vm, name, place, development, memoryMb, hostRing: ring }, known, this);
    for (const message of this.early.splice(0)) worker.post(message);
  }

  private tell(message: ToWorker): void {
    if (this.worker === undefined) this.early.push(message);
    else this.worker.post(message);
  }

  /** Stacks in a line's details, in the program's own lines. */
  private clear(line: LogLine): LogLine {
    const { crash } = (line.details ?? {}) as { readonly crash?: ExitReason };
    if (crash === undefined || this.known === undefined) return line;
    return {
      ...line,
      details: { ...line.details, crash: remap(crash, { ...this.spec.image, ...this.known }) },
    };
  }
}
