import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from "quickjs-emscripten-core";
import { assert } from "../../../kernel/index.ts";
import { exposed, stoppedBy } from "./bindings.ts";
import { HeapWords } from "./heap-words.ts";
import { limitBytesMax, limitBytesOf } from "./limit-bytes.ts";
import type { MachineImage, MachineOptions, Stopped } from "./machine.ts";
import type { PackInside } from "./outside.ts";
import { PackHeap, type Share } from "./pack-heap.ts";
import { addressOf, type Quickjs } from "./quickjs.ts";

/** Of WebAssembly's own stack, which is one for all VMs of a worker. */
const stackBytes = 256 * 1024;
const jobsAtOnce = 10_000;
/** What VMs share is charged to none of them, and is code. */
const sharedBytesMax: number = 64 * 1024 * 1024;

/** One VM, for its pack. */
export interface PackMember {
  readonly id: QuickJSHandle;
  readonly share: Share;
  readonly options: MachineOptions;
}

/**
 * One QuickJS runtime with one image in it, and many VMs that run it, one at a time (`pack.ts` is its inner half). Before another VM is
 * entered, nothing of the last one is left to do; so whatever runs, allocates or loops is of the VM that was entered.
 */
export class PackedRuntime {
  readonly image: MachineImage;
  /** What was cut off in one of its VMs has left memory behind: it takes no more of them. */
  spoiled = false;
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly words: HeapWords;
  private readonly members = new Set<PackMember>();
  private readonly entries = new Map<keyof PackInside, QuickJSHandle>();
  private heap: PackHeap | undefined = undefined;
  private current: PackMember | undefined = undefined;
  /** Of the VM that waits for what is shared. */
  private first: MachineOptions | undefined = undefined;
  private purging = false;
  private ids = 0;

  constructor({ module, memory }: Quickjs, image: MachineImage) {
    this.image = image;
    this.runtime = module.newRuntime();
    this.words = new HeapWords(memory, addressOf(this.runtime), (bytes) =>
      this.runtime.setMemoryLimit(bytes),
    );
    this.runtime.setMaxStackSize(stackBytes);
    this.runtime.setInterruptHandler(
      () => this.purging || (this.current?.options ?? this.first)?.interrupted() === true,
    );
    this.context = this.runtime.newContext();
  }

  get size(): number {
    return this.members.size;
  }

  /** Runs what is shared. Once, and before all else, within the time of `first`, the VM that waits for it. */
  open(first: MachineOptions): Stopped | undefined {
    const { context, image } = this;
    this.first = first;
    this.runtime.setMemoryLimit(sharedBytesMax);
    const outside = exposed(context, () => this.current?.options.answers);
    context.setProp(context.global, "motesOutside", outside);
    outside.dispose();
    for (const [script, name] of [
      [recorder, "motes:recorder"],
      [image.code, `${image.path}.mote`],
      [opening, "motes:opening"],
    ] as const) {
      const result = context.evalCode(script, name, { type: "global" });
      if (result.error !== undefined) return this.stopped(result.error);
      if (script === opening)
        for (const entry of ["load", "step", "rang", "hear", "drop"] as const)
          this.entries.set(entry, context.getProp(result.value, entry));
      result.value.dispose();
    }
    this.first = undefined;
    this.heap = new PackHeap(this.words, () => this.collect());
    return undefined;
  }

  join(options: MachineOptions): PackMember {
    const share = this.opened.join(limitBytesOf(options.memoryMb));
    const member: PackMember = { id: this.context.newNumber(++this.ids), share, options };
    this.members.add(member);
    return member;
  }

  /** Calls one of `PackInside`, and goes on until this VM has no more to do at once. */
  enter(member: PackMember, entry: keyof PackInside, argument?: string): Stopped | number {
    const { context, runtime, opened: heap } = this;
    this.current = member;
    runtime.setMemoryLimit(Math.min(heap.begin(member.share), limitBytesMax));
    const given = argument === undefined ? [] : [context.newString(argument)];
    const result = context.callFunction(this.entry(entry), context.undefined, member.id, ...given);
    for (const handle of given) handle.dispose();
    let outcome: Stopped | number;
    if (result.error === undefined) {
      outcome = context.typeof(result.value) === "number" ? context.getNumber(result.value) : 0;
      result.value.dispose();
      outcome = this.drain(member) ?? outcome;
    } else outcome = this.stopped(result.error);
    heap.end(member.share);
    return outcome;
  }

  /** Nothing of it goes on. `torn`: it was cut off in the middle of something. */
  leave(member: PackMember, torn: boolean): void {
    if (!this.members.delete(member)) return;
    this.spoiled ||= torn;
    this.current = undefined;
    this.runtime.setMemoryLimit(-1);
    const dropped = this.context.callFunction(this.entry("drop"), this.context.undefined, member.id);
    (dropped.error ?? dropped.value).dispose();
    member.id.dispose();
    this.purge();
    this.opened.leave(member.share);
  }

  /** Once it has no VMs. False: it could not be freed. */
  dispose(): boolean {
    if (this.spoiled) return false;
    for (const entry of this.entries.values()) entry.dispose();
    try {
      this.context.dispose();
      this.runtime.dispose();
      return true;
    } catch (problem) {
      if (problem instanceof WebAssembly.RuntimeError) return false;
      throw problem;
    }
  }

  private get opened(): PackHeap {
    assert(this.heap !== undefined, "a pack is opened before it has VMs");
    return this.heap;
  }

  private entry(name: keyof PackInside): QuickJSHandle {
    const entry = this.entries.get(name);
    assert(entry !== undefined, "a pack is opened before it has VMs");
    return entry;
  }

  /** Goes on with what awaits promises, until nothing does: the queue is one for all. */
  private drain({ options }: PackMember): Stopped | undefined {
    while (this.runtime.hasPendingJob()) {
      const result = this.runtime.executePendingJobs(jobsAtOnce);
      if (result.error !== undefined) return this.stopped(result.error);
      result.dispose();
      if (options.interrupted()) return "interrupted";
    }
    return undefined;
  }

  /** What a VM that has ended has left in the queue comes to nothing: it can neither allocate, and so not queue more, nor loop. */
  private purge(): void {
    this.purging = true;
    this.runtime.setMemoryLimit(1);
    while (this.runtime.hasPendingJob()) {
      const result = this.runtime.executePendingJobs(1);
      if (result.error === undefined) result.dispose();
      else result.error.dispose();
    }
    this.runtime.setMemoryLimit(-1);
    this.purging = false;
  }

  /** Looks for cycles: QuickJS does at the next object that is made above the threshold. */
  private collect(): void {
    this.runtime.setMemoryLimit(-1);
    this.words.thresholdBytes = 0;
    this.context.newObject().dispose();
  }

  private stopped(error: QuickJSHandle): Stopped {
    // So that there is room to tell what happened.
    this.runtime.setMemoryLimit(-1);
    return stoppedBy(this.context, error);
  }
}

/** The bundle names each function and class that it makes, by `Object.defineProperty`: so all of them are known, to be frozen. */
const recorder = `{
  const define = Object.defineProperty;
  let found = [];
  Object.defineProperty = (target, ...rest) => {
    if (found !== undefined) found.push(target);
    return define(target, ...rest);
  };
  globalThis.motesCode = () => {
    Object.defineProperty = define;
    const code = found;
    found = undefined;
    return code;
  };
}`;

const opening = `{
  const { motesKernel, motesProgram, motesOutside, motesCode } = globalThis;
  for (const name of ["motesKernel", "motesProgram", "motesOutside", "motesCode"]) delete globalThis[name];
  motesKernel.pack(motesProgram, motesOutside, motesCode());
}`;
