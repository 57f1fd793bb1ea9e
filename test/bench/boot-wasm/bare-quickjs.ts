/** The floor of booting a VM in WebAssembly: a QuickJS runtime and context that evaluate one expression. Their end is not measured. */
import { createRequire } from "node:module";
import { askedCount, nowNs, printSample } from "../contender.ts";

interface Handle {
  dispose(): void;
}
interface Context extends Handle {
  evalCode(code: string): { readonly value: Handle };
  getNumber(handle: Handle): number;
}
interface Runtime extends Handle {
  newContext(): Context;
}
interface Core {
  newQuickJSWASMModuleFromVariant(variant: unknown): Promise<{ newRuntime(): Runtime }>;
}

// Its types are written for browsers, whose names this project does not know. Sound: as its documentation has them.
const core = createRequire(import.meta.url)("quickjs-emscripten-core") as Core;
const { default: variant } = createRequire(import.meta.url)("@jitl/quickjs-ng-wasmfile-release-sync") as {
  readonly default: unknown;
};
const count = askedCount();
const quickjs = await core.newQuickJSWASMModuleFromVariant(variant);
let elapsedNs = 0;
let sum = 0;
for (let i = -3; i < count; i++) {
  const startNs = nowNs();
  const runtime = quickjs.newRuntime();
  const context = runtime.newContext();
  const { value } = context.evalCode("1");
  if (i >= 0) {
    elapsedNs += nowNs() - startNs;
    sum += context.getNumber(value);
  }
  value.dispose();
  context.dispose();
  runtime.dispose();
}
printSample({ work: count, elapsedNs, check: String(sum) });
