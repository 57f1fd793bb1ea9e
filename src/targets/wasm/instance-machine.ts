import {
  type ContextOptions,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  StaticLifetime,
} from "quickjs-emscripten-core";
import { crashOf } from "../../../kernel/index.ts";
import { srcError } from "../../errors.ts";
import { exposedAgain, stoppedBy } from "./bindings.ts";
import { type Instance, Instances } from "./instances.ts";
import { limitBytesOf } from "./limit-bytes.ts";
import type { Entry, Machine, MachineOptions, MakeMachine, Stopped } from "./machine.ts";
import { emptied, type PageCalls, pageCallsBy } from "./memory-image.ts";
import { makeTemplate, type Template } from "./template.ts";
import { isTemplate, Templates } from "./templates.ts";

const jobsPerStep = 10_000;

/** For a worker: an instance of WebAssembly for each VM, whose memory starts as a copy of what its image's first one came to. */
export async function instanceMachines(quickjs: WebAssembly.Module): Promise<MakeMachine> {
  const calls = await pageCalls();
  const instances = await Instances.of(quickjs);
  const templates = new Templates((first) => makeTemplate(instances, calls, first));
  const thread: Thread = { instances, calls, templates };
  return (options) => new InstanceMachine(thread, options);
}

/** Throws `TARGET_UNAVAILABLE`. */
async function pageCalls(): Promise<PageCalls> {
  try {
    const { default: koffi } = await import("koffi");
    return pageCallsBy(koffi);
  } catch (problem) {
    throw srcError("TARGET_UNAVAILABLE", {
      target: "wasm-instance",
      why: `memory cannot be mapped: ${String(problem)}`,
      advice: "It needs Linux, and koffi with its native part for this machine: npm install koffi",
    });
  }
}

/** What the machines of one thread have in common. */
interface Thread {
  readonly instances: Instances;
  readonly calls: PageCalls;
  readonly templates: Templates;
}

interface Running {
  readonly instance: Instance;
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  readonly inside: QuickJSHandle;
}

/**
 * An instance of WebAssembly of its own: what goes wrong in QuickJS, too, stays in there, up to a trap that ends it. It is never taken
 * apart: its memory is given back as a whole, so whatever it was in the middle of, nothing of it stays behind.
 */
class InstanceMachine implements Machine {
  private readonly thread: Thread;
  private readonly options: MachineOptions;
  private instance: Instance | undefined = undefined;
  private running: Running | undefined = undefined;

  constructor(thread: Thread, options: MachineOptions) {
    this.thread = thread;
    this.options = options;
  }

  load(): Stopped | undefined {
    return this.contained(() => {
      const template = this.thread.templates.for(this.options);
      return isTemplate(template) ? this.start(this.copyOf(template), template) : template;
    });
  }

  call(entry: Entry, argument?: string): Stopped | number {
    return this.contained(() => {
      if (this.running === undefined) return 0;
      const { context, inside } = this.running;
      const callee = context.getProp(inside, entry);
      const given = argument === undefined ? [] : [context.newString(argument)];
      const result = context.callFunction(callee, inside, ...given);
      callee.dispose();
      for (const handle of given) handle.dispose();
      if (result.error !== undefined) return this.stopped(this.running, result.error);
      const value = context.typeof(result.value) === "number" ? context.getNumber(result.value) : 0;
      result.value.dispose();
      return value;
    });
  }

  jobs(): Stopped | boolean {
    return this.contained(() => {
      if (this.running === undefined) return true;
      const { runtime } = this.running;
      const result = runtime.executePendingJobs(jobsPerStep);
      if (result.error !== undefined) return this.stopped(this.running, result.error);
      result.dispose();
      return !runtime.hasPendingJob();
    });
  }

  get hasJobs(): boolean {
    return this.running?.runtime.hasPendingJob() === true;
  }

  dispose(): boolean {
    this.running = undefined;
    if (this.instance !== undefined) emptied(this.thread.calls, this.instance.memory.buffer);
    this.instance = undefined;
    return true;
  }

  private copyOf({ image, bytes, runtimeAt }: Template): Instance {
    const bytesMax = bytes + limitBytesOf(this.options.memoryMb);
    const instance = this.thread.instances.blank({ bytes, bytesMax });
    this.instance = instance;
    image.putInto(instance.memory.buffer);
    // Sound: a pointer is a number. The runtime that is made is the one that is there.
    instance.ffi.QTS_NewRuntime = () => runtimeAt as ReturnType<Instance["ffi"]["QTS_NewRuntime"]>;
    return instance;
  }

  private start(instance: Instance, { contextAt, startAt }: Template): Stopped | undefined {
    const { answers, interrupted, memoryMb, setup } = this.options;
    const runtime = instance.quickjs.newRuntime();
    runtime.setInterruptHandler(interrupted);
    // Sound: a pointer is a number.
    const contextPointer = contextAt as NonNullable<ContextOptions["contextPointer"]>;
    const context = runtime.newContext({ contextPointer });
    exposedAgain(context, () => answers);
    runtime.setMemoryLimit(limitBytesOf(memoryMb));
    // Neither compiled nor found by a name that would have to go: both write to many pages. Sound: a pointer is a number.
    const start = new StaticLifetime(startAt as QuickJSHandle["value"], runtime);
    const given = context.newString(setup);
    const result = context.callFunction(start as QuickJSHandle, context.undefined, given);
    given.dispose();
    const running = { instance, runtime, context };
    if (result.error !== undefined) return this.stopped(running, result.error);
    this.running = { ...running, inside: result.value };
    return undefined;
  }

  private stopped({ runtime, context }: Omit<Running, "inside">, error: QuickJSHandle): Stopped {
    // So that there is room to tell what happened.
    runtime.setMemoryLimit(-1);
    return stoppedBy(context, error);
  }

  /** A trap of WebAssembly, all of the thread's stack used up, no room for a memory: nothing of that is anybody else's. */
  private contained<T>(call: () => T | Stopped): T | Stopped {
    try {
      return call();
    } catch (problem) {
      return { thrown: JSON.stringify(crashOf(problem)) };
    }
  }
}
