import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { withTableExported } from "./exported-table.ts";
import { withMemoryOfAnySize } from "./memory-import.ts";

/**
 * QuickJS as its package has it, compiled once for all threads, with its table exported for `quickjsInstance`. `anyMemory`: for `Instances`, which
 * have memories of their own.
 */
export async function compileQuickjs({ anyMemory = false } = {}): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm");
  const module = withTableExported(await readFile(path));
  return new WebAssembly.Module(anyMemory ? withMemoryOfAnySize(module) : module);
}
