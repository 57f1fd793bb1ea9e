import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import type { Answers, Entry, Machine, MachineOptions, MakeMachine, Stopped } from "./machine.ts";
import { type Outside, outsideNames } from "./outside.ts";

declare global {
  /** What the declarations of QuickJS's packages name and neither ES nor Node 20's types declare. */
  namespace WebAssembly {
    const RuntimeError: ErrorConstructor;
    interface Memory {
      readonly buffer: ArrayBuffer;
    }
    interface Instance {
      readonly exports: Exports;
    }
    type Exports = Readonly<Record<string, unknown>>;
    type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }
}

/** Of WebAssembly's own stack, which is one for all VMs of a worker. */
const stackBytes = 256 * 1024;
const jobsPerStep = 10_000;

/** For a worker: one instance of WebAssembly, with a QuickJS runtime in it for each VM. */
export async function runtimeMachines(): Promise<MakeMachine> {
  const quickjs = await newQuickJSWASMModuleFromVariant(variant.default);
  return (options) => new RuntimeMachine(quickjs, options);
}

/** A QuickJS runtime of its own inside WebAssembly, with a memory limit of its own. Whatever it leaves behind is the instance's. */
class RuntimeMachine implements Machine {
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly options: MachineOptions;
  private inside: QuickJSHandle | undefined = undefined;

  constructor(quickjs: QuickJSWASMModule, options: MachineOptions) {
    const { answers, interrupted, memoryMb } = options;
    this.options = options;
    this.runtime = quickjs.newRuntime();
    this.runtime.setMaxStackSize(stackBytes);
    this.runtime.setInterruptHandler(interrupted);
    this.context = this.runtime.newContext();
    this.runtime.setMemoryLimit(memoryMb * 1024 * 1024);
    const outside = this.context.newObject();
    for (const name of outsideNames) this.expose(outside, name, answers);
    this.context.setProp(this.context.global, "motesOutside", outside);
    outside.dispose();
  }

  load(): Stopped | undefined {
    const { image, setup } = this.options;
    const script = `globalThis.motesSetup=${setup};${image.code}`;
    const result = this.context.evalCode(script, `${image.path}.mote`, { type: "global" });
    if (result.error !== undefined) return this.stopped(result.error);
    result.value.dispose();
    this.inside = this.context.getProp(this.context.global, "motesInside");
    return undefined;
  }

  call(entry: Entry, argument?: string): Stopped | number {
    const { context, inside } = this;
    if (inside === undefined) return 0;
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

  private stopped(error: QuickJSHandle): Stopped {
    // So that there is room to tell what happened.
    this.runtime.setMemoryLimit(-1);
    // An error that cannot be caught, or that there was no memory to make, may be none.
    const dumped: unknown = this.context.dump(error);
    error.dispose();
    if (typeof dumped !== "object" || dumped === null) return "memory";
    const { name, message, stack } = dumped as { name?: unknown; message?: unknown; stack?: unknown };
    if (name === "InternalError" && message === "interrupted") return "interrupted";
    if (name === "InternalError" && message === "out of memory") return "memory";
    return {
      thrown: JSON.stringify({
        type: "crash",
        name: typeof name === "string" ? name : "Error",
        message: typeof message === "string" ? message : JSON.stringify(dumped),
        ...(typeof stack === "string" ? { stack: `${String(name)}: ${String(message)}\n${stack}` } : {}),
      }),
    };
  }

  private expose(outside: QuickJSHandle, name: keyof Outside, answers: Answers): void {
    const { context } = this;
    const call = context.newFunction(name, (...handles) =>
      this.toHandle(this.answer(name, answers, handles)),
    );
    context.setProp(outside, name, call);
    call.dispose();
  }

  private answer(name: keyof Outside, answers: Answers, handles: readonly QuickJSHandle[]): unknown {
    const { context } = this;
    const number = (): number => {
      const [first] = handles;
      return first === undefined ? 0 : context.getNumber(first);
    };
    const [, second] = handles;
    switch (name) {
      case "write":
        if (second === undefined) return -1;
        return context.getArrayBuffer(second).consume(({ value }) => answers.write(number(), value));
      case "toText":
        if (handles[0] === undefined) return "";
        return context.getArrayBuffer(handles[0]).consume(({ value }) => answers.toText(value));
      case "toBytes":
      case "tell":
      case "exit":
        return handles[0] === undefined ? undefined : answers[name](context.getString(handles[0]));
      case "setAwake":
        return handles[0] === undefined ? undefined : answers.setAwake(context.dump(handles[0]) === true);
      case "prepareSleep":
        return answers.prepareSleep(number(), second === undefined ? -1 : context.getNumber(second));
      case "now":
      case "timeOfDay":
      case "random":
      case "turned":
      case "arm":
      case "wait":
        return answers[name]();
      default:
        return answers[name](number());
    }
  }

  private toHandle(value: unknown): QuickJSHandle | undefined {
    const { context } = this;
    if (typeof value === "number") return context.newNumber(value);
    if (typeof value === "boolean") return value ? context.true : context.false;
    if (typeof value === "string") return context.newString(value);
    // A copy, since the view may be of a part only, and a `Buffer` would slice to a view again.
    if (value instanceof Uint8Array) return context.newArrayBuffer(new Uint8Array(value).buffer);
    return undefined;
  }
}
