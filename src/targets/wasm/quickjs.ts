import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSRuntime,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { assert } from "../../../kernel/index.ts";

declare global {
  /** What the declarations of QuickJS's packages name and neither ES nor Node 20's types declare. */
  namespace WebAssembly {
    const RuntimeError: ErrorConstructor;
    interface Module {
      readonly compiled?: never;
    }
    interface Instance {
      readonly exports: Exports;
    }
    interface MemoryDescriptor {
      /** Pages of 64 KiB. */
      readonly initial: number;
      readonly maximum: number;
      readonly shared: boolean;
    }
    interface Memory {
      readonly buffer: ArrayBufferLike;
      grow(pages: number): number;
    }
    const Module: new (bytes: Uint8Array) => Module;
    const Instance: new (module: Module, imports: Imports) => Instance;
    const Memory: new (descriptor: MemoryDescriptor) => Memory;
    interface Table {
      readonly length: number;
      grow(by: number): number;
      set(index: number, value: unknown): void;
    }
    type Exports = Readonly<Record<string, unknown>>;
    type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }
}

/** QuickJS in one instance of WebAssembly. */
export interface Quickjs {
  readonly module: QuickJSWASMModule;
  readonly memory: WebAssembly.Memory;
}

/** An instance whose runtimes count their memory in bytes, so that a limit of bytes is one. `compiled` is by `compileQuickjs`. */
export async function quickjsInstance(compiled: WebAssembly.Module): Promise<Quickjs> {
  let memory: WebAssembly.Memory | undefined;
  let table: WebAssembly.Table | undefined;
  const module = await newQuickJSWASMModuleFromVariant(
    newVariant(unwrapped(variant), {
      emscriptenModule: {
        instantiateWasm(imports, done) {
          const instance = new WebAssembly.Instance(compiled, imports);
          memory = Object.values(imports["a"] ?? {}).find(isMemory);
          // Sound: exported by that name just before.
          table = instance.exports["table"] as WebAssembly.Table;
          done(instance);
          return instance.exports;
        },
      },
    }),
  );
  assert(memory !== undefined && table !== undefined, "QuickJS imports its memory and exports its table");
  countBytes(module, memory, table);
  return { module, memory };
}

/** As a CommonJS bundle has it, or a module. */
const unwrapped = (given: typeof variant): typeof variant.default =>
  // Sound: the types are those of the first, and the second is what they have as its default.
  "default" in given ? given.default : (given as typeof variant.default);

const isMemory = (value: unknown): value is WebAssembly.Memory =>
  typeof value === "object" && value !== null && "buffer" in value;

/** Where a runtime is in its instance's memory. */
export const addressOf = (runtime: QuickJSRuntime): number =>
  // Sound: a pointer is a number, and private at the level of types only.
  (runtime as unknown as { readonly rt: { readonly value: number } }).rt.value;

/** Functions of an allocator, in a runtime's first words; the last one tells how large an allocation is. */
const allocatorWords = 5;

/**
 * QuickJS asks its allocator how large each allocation is, and as it is built for WebAssembly the answer is always 0: each counts for 8
 * bytes, and no limit is one. This puts the true answer where the wrong one is, for all runtimes to come. Nothing is known of where that
 * is: a runtime begins with a copy of it.
 */
export function countBytes(
  module: QuickJSWASMModule,
  memory: WebAssembly.Memory,
  table: WebAssembly.Table,
  sizes: WebAssembly.Module = new WebAssembly.Module(usableSize("020000")),
): void {
  const probe = module.newRuntime();
  const runtimeAt = addressOf(probe) >> 2;
  const words = new Int32Array(memory.buffer);
  const functions = words.slice(runtimeAt, runtimeAt + allocatorWords);
  const places: number[] = [];
  for (let at = words.indexOf(functions[0] ?? 0); at >= 0; at = words.indexOf(functions[0] ?? 0, at + 1))
    if (functions.every((word, index) => words[at + index] === word)) places.push(at);
  probe.dispose();
  const [place] = places;
  assert(
    place !== undefined && place < runtimeAt && functions.every((word) => word > 0 && word < table.length),
    "this is the release of QuickJS that this was written for",
  );
  words[place + allocatorWords - 1] = addSizes(memory, table, sizes);
}

/** The true answer, for the one instance with that memory and that table: where in the table it is. */
export function addSizes(
  memory: WebAssembly.Memory,
  table: WebAssembly.Table,
  sizes: WebAssembly.Module,
): number {
  const index = table.grow(1);
  table.set(index, new WebAssembly.Instance(sizes, { q: { memory } }).exports["usable"]);
  return index;
}

/** For memories that are shared, of any size. */
export const sharedSizes = (): WebAssembly.Module => new WebAssembly.Module(usableSize("020300808004"));

/**
 * The size of an allocation, as the allocator of emscripten (dlmalloc) has it: in the word before it, whose last three bits mean other things.
 * (module (import "q" "memory" (memory 0)) (func (export "usable") (param i32) (result i32)
 *   (i32.sub (i32.and (i32.load (i32.sub (local.get 0) (i32.const 4))) (i32.const -8)) (i32.const 4))))
 */
const usableSize = (memory: string): Uint8Array => {
  const imported = `010171066d656d6f7279${memory}`;
  return Uint8Array.from(
    Buffer.from(
      "0061736d01000000" +
        "0106016001" +
        "7f017f" +
        `02${(imported.length / 2).toString(16).padStart(2, "0")}${imported}` +
        "03020100" +
        "070a01" +
        "06757361626c65" +
        "0000" +
        "0a12011000" +
        "2000" +
        "4104" +
        "6b" +
        "280200" +
        "4178" +
        "71" +
        "4104" +
        "6b" +
        "0b",
      "hex",
    ),
  );
};
