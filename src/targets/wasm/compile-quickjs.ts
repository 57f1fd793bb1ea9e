import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { withTableExported } from "./exported-table.ts";

/** QuickJS as its package has it, compiled once for all threads, with its table exported for `quickjsInstance`. */
export async function compileQuickjs(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm");
  return new WebAssembly.Module(withTableExported(await readFile(path)));
}
