/** Many VMs in WebAssembly at once: bytes each, a call to all of them, and what they cost while nobody calls. */
import type { Bench } from "./bench.ts";
import { node } from "./node.ts";

export const density: Bench = {
  name: "density",
  about: "VMs in WebAssembly at once, each with a supervised actor that has answered a call",
  figures: [
    { name: "memory", unit: "B/VM", better: "lower", of: ({ extra }) => extra?.["bytes"] ?? NaN },
    { name: "a call to all", unit: "ms", better: "lower", of: ({ extra }) => extra?.["broadcastMs"] ?? NaN },
    { name: "idle CPU", unit: "%", better: "lower", of: ({ extra }) => extra?.["idlePercent"] ?? NaN },
    { name: "boot", unit: "ms/VM", better: "lower", of: ({ work, elapsedNs }) => elapsedNs / work / 1e6 },
  ],
  check: (count) => String(count),
  goals: [
    { figure: "memory", ours: "motes wasm", atMost: 200 * 1024 },
    { figure: "a call to all", ours: "motes wasm", atMost: 5000 },
    { figure: "idle CPU", ours: "motes wasm", atMost: 2 },
    { figure: "memory", ours: "motes wasm-instance", atMost: 600 * 1024 },
    { figure: "a call to all", ours: "motes wasm-instance", atMost: 5000 },
    { figure: "idle CPU", ours: "motes wasm-instance", atMost: 2 },
  ],
  contenders: [
    { name: "motes wasm", role: "ours", count: 1000, program: node("density/wasm.ts") },
    {
      name: "motes wasm-instance",
      role: "ours",
      count: 1000,
      program: node("density/wasm.ts", { args: ["wasm-instance"] }),
    },
  ],
};
