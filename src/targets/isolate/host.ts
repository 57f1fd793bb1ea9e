import type { Worker } from "node:worker_threads";
import { assert, crashOf, type ExitReason } from "../../../kernel/index.ts";
import type { Board } from "../board.ts";
import { heapCommons } from "../heap-commons.ts";
import { hear, type ToGuest } from "../protocol.ts";
import type { PeerVm } from "../peer-vm.ts";
import type { LogLine, Target, Vm, VmEvents, VmSpec } from "../target.ts";
import { BlankIsolate } from "./blank.ts";
import type { Rest } from "./guest-options.ts";

/**
 * Each VM a V8 isolate in a worker thread: the default target. It is bounded by its heap limit and by `terminate`, which also
 * ends an endless loop, though not one in a function of the language. Needs nothing but Node.
 *
 * What V8 cannot bound, this target cannot: one allocation that goes more than 16 MiB above the heap limit at once (a large array,
 * a `Map` that doubles) ends the whole process, and the bytes of buffers are not counted.
 */
export const isolate: Target = {
  name: "isolate",
  commons: heapCommons,
  blank: (spec) => new BlankIsolate(spec, "blank"),
  boot: (spec, events) => new IsolateVm(spec, events),
};

class IsolateVm implements Vm {
  private readonly made: BlankIsolate;
  private readonly worker: Worker;
  private readonly events: VmEvents;
  private readonly board: Board;
  private readonly place: number;
  /** Why it ends: the first reason counts. */
  private reason: ExitReason | undefined = undefined;
  private killed = false;
  private ended = false;

  constructor(spec: VmSpec, events: VmEvents) {
    this.events = events;
    const { vm, name, image, commons, place, cores, development, hostRing, memoryMb, devices, blank } = spec;
    assert(blank === undefined || blank instanceof BlankIsolate, "a target boots what it made itself");
    this.board = commons.board;
    this.place = place;
    const env = devices?.includes("env") !== false;
    this.made = blank ?? new BlankIsolate({ memoryMb, env, spawns: true }, name);
    this.worker = this.made.start(
      { image, devices },
      {
        target: "isolate",
        vm,
        name,
        // Sound: `heapCommons` made both.
        board: commons.board.memory as SharedArrayBuffer,
        place,
        cores,
        development,
        hostRing: hostRing as SharedArrayBuffer,
      },
    );
    const told = (message: unknown): void => {
      // The first word of a worker that was not waited for.
      if (!this.made.words.take(message)) hear(message, events, (reason) => this.kill(reason));
    };
    for (const message of this.made.early) told(message);
    this.worker.on("message", told);
    this.worker.on("error", (error) => this.failed(error));
    this.worker.on("exit", (code) => this.exited(code));
    this.worker.stdout.on("data", (bytes: Buffer) => this.print("info", bytes));
    this.worker.stderr.on("data", (bytes: Buffer) => this.print("warn", bytes));
  }

  ring(peer: PeerVm, memory: SharedArrayBuffer, end: "a" | "b", place: number): void {
    this.tell({ type: "ring", peer, memory, end, place });
  }

  peerEnded(peer: PeerVm, reason: ExitReason): void {
    this.tell({ type: "ended", peer, reason });
  }

  kill(reason: ExitReason): void {
    this.reason ??= reason;
    if (this.killed) return;
    this.killed = true;
    this.made.end(() => this.abandoned(reason));
  }

  /** All of its thread stands still, I/O and timers of Node too. */
  hold(held: boolean): void {
    this.board.setHeld(this.place, held);
    if (held) this.tell({ type: "rest" });
  }

  private tell(message: ToGuest | Rest): void {
    this.worker.postMessage(message);
  }

  private failed(error: unknown): void {
    const { code } = error as { readonly code?: unknown };
    if (code !== "ERR_WORKER_OUT_OF_MEMORY") {
      this.reason ??= crashOf(error);
      return;
    }
    this.events.log({ level: "error", text: "out of memory: the VM reached its heap limit and was killed" });
    this.reason ??= "killed";
  }

  private exited(code: number): void {
    this.reason ??= {
      type: "crash",
      name: "Exit",
      message: `the VM called process.exit(${code}); end its root instead`,
    };
    this.end(this.reason);
  }

  private abandoned(reason: ExitReason): void {
    const text =
      "the thread of the VM cannot be ended: it computes on, and its host's process has to be killed to end";
    this.events.log({ level: "error", text });
    this.end(this.reason ?? reason);
  }

  private end(reason: ExitReason): void {
    if (this.ended) return;
    this.ended = true;
    this.events.ended(reason);
  }

  private print(level: LogLine["level"], bytes: Buffer): void {
    for (const text of bytes.toString().split("\n")) if (text !== "") this.events.log({ level, text });
  }
}
