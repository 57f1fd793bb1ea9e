import { QuickJSWASMModule } from "quickjs-emscripten-core";
import packaged from "@jitl/quickjs-ng-wasmfile-release-sync/emscripten-module";
import { QuickJSFFI } from "@jitl/quickjs-ng-wasmfile-release-sync/ffi";
import { assert } from "../../../kernel/index.ts";
import { srcError } from "../../errors.ts";
import { addSizes, countBytes, sharedSizes } from "./quickjs.ts";

// As a CommonJS bundle has it, or a module: the types are those of the first.
const loader = "default" in packaged ? packaged.default : packaged;

type Emscripten = ConstructorParameters<typeof QuickJSFFI>[0];
type Receiver = (instance: { readonly exports: WebAssembly.Exports }) => void;

/** WebAssembly's page, in bytes. */
export const pageBytes = 64 * 1024;

export interface InstanceOptions {
  /** Its memory, at first and at most. */
  readonly bytes: number;
  readonly bytesMax: number;
  /** Hears of each call that QuickJS makes of what emscripten gives it, by names that mean nothing. */
  readonly called?: (name: string) => void;
}

/** One instance of QuickJS and its memory. */
export interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly emscripten: Emscripten;
  readonly ffi: QuickJSFFI;
  readonly quickjs: QuickJSWASMModule;
}

/**
 * Makes instances of QuickJS at once, which its package does only in time: emscripten's code fills in its object while it
 * instantiates, and has then one thing left to do, to run the one export that starts a memory from nothing. A memory that holds what another
 * one held has been started. `compiled` has a memory of any size (`withMemoryOfAnySize`).
 */
export class Instances {
  private readonly compiled: WebAssembly.Module;
  private readonly sizes: WebAssembly.Module = sharedSizes();
  /** The export that starts a memory. */
  private readonly start: string;

  private constructor(compiled: WebAssembly.Module, start: string) {
    this.compiled = compiled;
    this.start = start;
  }

  static async of(compiled: WebAssembly.Module): Promise<Instances> {
    const called: string[] = [];
    const memory = memoryOf(startPages, startPages);
    const noted = ([name, value]: [string, unknown]): [string, unknown] => {
      if (typeof value !== "function") return [name, value];
      return [name, (...given: unknown[]): unknown => (called.push(name), value(...given) as unknown)];
    };
    await loader(
      partly({
        wasmMemory: memory,
        instantiateWasm(imports: WebAssembly.Imports, done: Receiver) {
          const { exports } = new WebAssembly.Instance(compiled, imports);
          done({ exports: Object.fromEntries(Object.entries(exports).map(noted)) });
        },
      }),
    );
    const [start] = called;
    assert(start !== undefined && called.length === 1, "emscripten starts an instance by one export");
    return new Instances(compiled, start);
  }

  /** One that has been started and counts bytes. */
  started(options: InstanceOptions): Instance {
    const { instance, table, start } = this.make(options);
    start();
    countBytes(instance.quickjs, instance.memory, table, this.sizes);
    return instance;
  }

  /** One whose memory is to be what `started` one's was. */
  blank(options: InstanceOptions): Instance {
    const { instance, table } = this.make(options);
    addSizes(instance.memory, table, this.sizes);
    return instance;
  }

  /** Throws `WASM_MEMORIES_EXHAUSTED`. */
  private make({ bytes, bytesMax, called }: InstanceOptions): {
    readonly instance: Instance;
    readonly table: WebAssembly.Table;
    readonly start: () => void;
  } {
    const pages = (size: number): number => Math.ceil(size / pageBytes);
    const initial = Math.max(startPages, pages(bytes));
    const maximum = Math.max(initial, pages(bytesMax));
    const memory = memoryOf(initial, maximum);
    let exports: WebAssembly.Exports = {};
    const emscripten = partly({
      type: "sync",
      wasmMemory: memory,
      instantiateWasm: (imports: WebAssembly.Imports, done: Receiver) => {
        ({ exports } = new WebAssembly.Instance(this.compiled, called ? watched(imports, called) : imports));
        done({ exports: { ...exports, [this.start]: () => {} } });
      },
    });
    void loader(emscripten);
    const { table, [this.start]: start } = exports;
    assert(table !== undefined && "_malloc" in emscripten, "emscripten's code instantiates before it waits");
    const ffi = new QuickJSFFI(emscripten);
    const quickjs = new QuickJSWASMModule(emscripten, ffi);
    // Sound: exported by that name by `withTableExported`, and the one that `of` has seen called with nothing.
    return {
      instance: { memory, emscripten, ffi, quickjs },
      table: table as WebAssembly.Table,
      start: start as () => void,
    };
  }
}

/** What QuickJS needs before it has anything: its data and its stack, and some heap. */
const startPages = 96;

function memoryOf(initial: number, maximum: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial, maximum, shared: true });
  } catch (problem) {
    throw srcError("WASM_MEMORIES_EXHAUSTED", { why: String(problem) });
  }
}

// Sound: emscripten's code fills in the rest.
const partly = (given: object): Emscripten => given as Emscripten;

function watched(imports: WebAssembly.Imports, called: (name: string) => void): WebAssembly.Imports {
  const entries = Object.entries(imports).map(([module, functions]) => {
    const noted = Object.entries(functions).map(([name, value]): [string, unknown] => {
      if (typeof value !== "function") return [name, value];
      return [name, (...given: unknown[]): unknown => (called(name), value(...given) as unknown)];
    });
    return [module, Object.fromEntries(noted)] as const;
  });
  return Object.fromEntries(entries);
}
