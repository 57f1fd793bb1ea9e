/** From `boot` to the root supervisor's ready, each VM a QuickJS runtime in WebAssembly, or an instance of it, against a bare runtime with its context. */
import type { Bench } from "./bench.ts";
import { node } from "./node.ts";

export const bootWasm: Bench = {
  name: "boot-wasm",
  about: "one VM booted at a time in WebAssembly, until it says ready",
  figures: [
    { name: "boot", unit: "ms", better: "lower", of: ({ work, elapsedNs }) => elapsedNs / work / 1e6 },
  ],
  check: (count) => String(count),
  goals: [
    { figure: "boot", ours: "motes wasm-packed", atMost: 5 },
    { figure: "boot", ours: "motes wasm-instance", atMost: 5 },
  ],
  contenders: [
    {
      name: "motes wasm",
      role: "ours",
      count: 60,
      program: node("boot-isolate/isolate.ts", { args: ["wasm"] }),
    },
    {
      name: "motes wasm-instance",
      role: "ours",
      count: 60,
      program: node("boot-isolate/isolate.ts", { args: ["wasm-instance"] }),
    },
    {
      name: "motes wasm-packed",
      role: "ours",
      count: 60,
      program: node("boot-isolate/isolate.ts", { args: ["wasm-packed"] }),
    },
    { name: "bare QuickJS", role: "peer", count: 60, program: node("boot-wasm/bare-quickjs.ts") },
  ],
};
