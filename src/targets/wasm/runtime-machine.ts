import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from "quickjs-emscripten-core";
import { exposed, stoppedBy } from "./bindings.ts";
import { limitBytesOf } from "./limit-bytes.ts";
import type { Entry, Machine, MachineOptions, MakeMachine, Stopped } from "./machine.ts";
import { HeapWords } from "./heap-words.ts";
import { addressOf, type Quickjs, quickjsInstance } from "./quickjs.ts";

/** Of WebAssembly's own stack, which is one for all VMs of a worker. */
const stackBytes = 256 * 1024;
const jobsPerStep = 10_000;

/** For a worker: one instance of WebAssembly, with a QuickJS runtime in it for each VM. */
export async function runtimeMachines(quickjs: WebAssembly.Module): Promise<MakeMachine> {
  const instance = await quickjsInstance(quickjs);
  return (options) => new RuntimeMachine(instance, options);
}

/** A QuickJS runtime of its own inside WebAssembly, with a memory limit of its own. Whatever it leaves behind is the instance's. */
class RuntimeMachine implements Machine {
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly options: MachineOptions;
  private readonly words: HeapWords;
  private readonly limitBytes: number;
  private inside: QuickJSHandle | undefined = undefined;

  constructor({ module, memory }: Quickjs, options: MachineOptions) {
    const { answers, interrupted, memoryMb } = options;
    this.options = options;
    this.limitBytes = limitBytesOf(memoryMb);
    this.runtime = module.newRuntime();
    this.words = new HeapWords(memory, addressOf(this.runtime), (bytes) =>
      this.runtime.setMemoryLimit(bytes),
    );
    this.runtime.setMaxStackSize(stackBytes);
    this.runtime.setInterruptHandler(interrupted);
    this.context = this.runtime.newContext();
    this.runtime.setMemoryLimit(this.limitBytes);
    const outside = exposed(this.context, () => answers);
    this.context.setProp(this.context.global, "motesOutside", outside);
    outside.dispose();
  }

  load(): Stopped | undefined {
    this.bePatient();
    const { image, setup } = this.options;
    // The image first: lines count from there.
    const script = `${image.code}
{
  const { motesKernel, motesProgram, motesOutside } = globalThis;
  for (const name of ["motesKernel", "motesProgram", "motesOutside"]) delete globalThis[name];
  motesKernel.alone(motesProgram, motesOutside)(${setup});
}`;
    const result = this.context.evalCode(script, `${image.path}.mote`, { type: "global" });
    if (result.error !== undefined) return this.stopped(result.error);
    this.inside = result.value;
    return undefined;
  }

  call(entry: Entry, argument?: string): Stopped | number {
    const { context, inside } = this;
    if (inside === undefined) return 0;
    this.bePatient();
    const callee = context.getProp(inside, entry);
    const given = argument === undefined ? [] : [context.newString(argument)];
    const result = context.callFunction(callee, inside, ...given);
    callee.dispose();
    for (const handle of given) handle.dispose();
    if (result.error !== undefined) return this.stopped(result.error);
    const value = context.typeof(result.value) === "number" ? context.getNumber(result.value) : 0;
    result.value.dispose();
    return value;
  }

  jobs(): Stopped | boolean {
    const result = this.runtime.executePendingJobs(jobsPerStep);
    if (result.error !== undefined) return this.stopped(result.error);
    result.dispose();
    return !this.runtime.hasPendingJob();
  }

  get hasJobs(): boolean {
    return this.runtime.hasPendingJob();
  }

  /** QuickJS misses what one that was torn has left behind, and would abort the whole instance: so nothing of it is freed. */
  dispose(torn: boolean): boolean {
    if (torn) return false;
    try {
      this.inside?.dispose();
      this.context.dispose();
      this.runtime.dispose();
      return true;
    } catch (problem) {
      // QuickJS misses what an overflow of its stack has left behind, and asserts. The instance lives, and the others in it.
      if (problem instanceof WebAssembly.RuntimeError) return false;
      throw problem;
    }
  }

  private bePatient(): void {
    this.words.bePatient(this.limitBytes - this.words.sizeBytes);
  }

  private stopped(error: QuickJSHandle): Stopped {
    // So that there is room to tell what happened.
    this.runtime.setMemoryLimit(-1);
    return stoppedBy(this.context, error);
  }
}
