import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from "quickjs-emscripten-core";
import { assert } from "../../../kernel/index.ts";
import { exposed, stoppedBy } from "./bindings.ts";
import { HeapWords } from "./heap-words.ts";
import type { Instance, Instances } from "./instances.ts";
import { limitBytesOf } from "./limit-bytes.ts";
import type { MachineOptions, Stopped } from "./machine.ts";
import { emptied, MemoryImage, type PageCalls } from "./memory-image.ts";
import { addressOf } from "./quickjs.ts";

/** Of WebAssembly's own stack. */
const stackBytes = 256 * 1024;
/** Of the memory in which a template is made. */
const bytesMax = 1024 * 1024 * 1024;
/** A VM looks for cycles when it holds so much more than its template: that writes to most of what it shares. */
const patienceBytes = 512 * 1024;
/** The largest hole that is looked for. */
const holeBytesMax = 1024 * 1024;
/** What the smallest piece of its allocator holds. */
const holeBytesMin = 12;

/** What VMs of an image start from. */
export interface Template {
  readonly image: MemoryImage;
  /** Of the whole memory. */
  readonly bytes: number;
  readonly runtimeAt: number;
  readonly contextAt: number;
  /** Where the function is that a VM calls with its setup as JSON, and that answers its `Inside`. Nothing in there leads to it. */
  readonly startAt: number;
}

/**
 * Runs an image up to where its VMs begin to differ, and keeps what memory holds then. A program that asks for the time, for chance or for anything else of the world while it is loaded would have one answer for
 * all: such a one is compiled, and loaded in each VM. `first` is the VM that waits for it: its limits hold.
 */
export function makeTemplate(
  instances: Instances,
  calls: PageCalls,
  first: MachineOptions,
): Template | Stopped {
  for (const early of [true, false]) {
    const mould = new Mould(instances, first);
    try {
      const stopped = mould.fill(early);
      if (early && mould.asked) continue;
      return stopped ?? mould.taken(calls);
    } finally {
      emptied(calls, mould.instance.memory.buffer);
    }
  }
  throw new Error("unreachable");
}

/** One instance of QuickJS that is made to be copied. */
class Mould {
  /** For the time, or for something else of the world. */
  asked = false;
  readonly instance: Instance;
  private readonly first: MachineOptions;
  private readonly runtime: QuickJSRuntime;
  private readonly context: QuickJSContext;
  private readonly words: HeapWords;
  /** What QuickJS calls to know the time. */
  private readonly clock = new Set<string>();
  private called: (name: string) => void = () => {};
  private start: QuickJSHandle | undefined = undefined;

  constructor(instances: Instances, first: MachineOptions) {
    this.first = first;
    this.instance = instances.started({ bytes: 0, bytesMax, called: (name) => this.called(name) });
    const { memory, quickjs } = this.instance;
    this.runtime = quickjs.newRuntime();
    this.words = new HeapWords(memory, addressOf(this.runtime), (bytes) =>
      this.runtime.setMemoryLimit(bytes),
    );
    this.runtime.setMaxStackSize(stackBytes);
    this.runtime.setInterruptHandler(() => this.asked || first.interrupted());
    this.context = this.runtime.newContext();
    this.runtime.setMemoryLimit(limitBytesOf(first.memoryMb));
  }

  /** `early`: the program is loaded here, else it is only compiled. */
  fill(early: boolean): Stopped | undefined {
    const { context } = this;
    const { code, path } = this.first.image;
    this.called = (name) => void this.clock.add(name);
    this.run("Date.now()", "motes:clock");
    this.called = (name) => {
      if (this.clock.has(name)) this.asked = true;
    };
    const outside = exposed(context, () => {
      this.asked = true;
      return undefined;
    });
    context.setProp(context.global, "motesOutside", outside);
    outside.dispose();
    const file = `${path}.mote`;
    return (
      this.run(`globalThis.motesNames=JSON.parse(${JSON.stringify(namesIn(code))})`, "motes:names") ??
      this.run(`globalThis.motesImage=function(){${code}\n}`, file) ??
      this.plug() ??
      this.run(
        `motesImage();${early ? startEarly : startLate}`,
        "motes:template",
        (start) => (this.start = start),
      ) ??
      this.plug()
    );
  }

  taken(calls: PageCalls): Template {
    const { instance, words, runtime, context, start } = this;
    assert(start !== undefined, "a mould is filled before it is taken");
    words.thresholdBytes = words.sizeBytes + patienceBytes;
    return {
      image: new MemoryImage(calls, instance.memory.buffer),
      bytes: instance.memory.buffer.byteLength,
      runtimeAt: addressOf(runtime),
      // Sound: a pointer is a number, and private at the level of types only.
      contextAt: (context as unknown as { readonly ctx: { readonly value: number } }).ctx.value,
      startAt: start.value,
    };
  }

  private run(
    script: string,
    path: string,
    keep: (value: QuickJSHandle) => void = (value) => value.dispose(),
  ): Stopped | undefined {
    const result = this.context.evalCode(script, path, { type: "global" });
    if (result.error === undefined) return void keep(result.value);
    this.runtime.setMemoryLimit(-1);
    return stoppedBy(this.context, result.error);
  }

  /**
   * Takes for good all that is free in the midst of what is used. What a VM allocates lies together then, on pages of its own, and not in
   * holes of pages that it shares.
   */
  private plug(): undefined {
    const { emscripten } = this.instance;
    const top = emscripten._malloc(holeBytesMax);
    emscripten._free(top);
    for (let size = holeBytesMax; size >= holeBytesMin; size -= Math.max(4, size >> 2)) {
      for (;;) {
        const at = emscripten._malloc(size);
        if (at === 0 || at >= top) {
          emscripten._free(at);
          break;
        }
        emscripten.HEAPU8.fill(0, at, at + size);
      }
    }
  }
}

/**
 * All names that a program may use, as JSON of an object: made first, they lie together. QuickJS counts the users of each, and
 * so writes to pages where names are whenever anything is made.
 */
function namesIn(code: string): string {
  const names = new Set(code.match(/[A-Za-z_$][\w$]*/g));
  return JSON.stringify(Object.fromEntries([...names].map((name) => [name, 0])));
}

const cleared = `const { motesKernel, motesProgram, motesOutside } = globalThis;
for (const name of ["motesKernel", "motesProgram", "motesOutside", "motesNames", "motesImage"]) delete globalThis[name];`;
const startEarly = `{ ${cleared} const { parse } = JSON; const start = motesKernel.alone(motesProgram, motesOutside); (setup) => start(parse(setup)); }`;
const startLate = `{ ${cleared} (setup) => motesKernel.alone(motesProgram, motesOutside)(JSON.parse(setup)); }`;
