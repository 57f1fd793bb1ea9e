/** Many VMs in WebAssembly at once: bytes each, a call to all of them, and what they cost while nobody calls. */
import type { Bench, Contender, Goal } from "./bench.ts";
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
    ...goals("packed 1,000", 200),
    ...goals("packed 10,000", 200),
    ...goals("an instance each, 1,000", 600),
  ],
  contenders: [
    contender("packed 1,000", "wasm-packed", 1000),
    contender("packed 10,000", "wasm-packed", 10_000),
    contender("an instance each, 1,000", "wasm-instance", 1000),
    contender("a runtime each, 1,000", "wasm", 1000),
  ],
};

function goals(ours: string, kb: number): readonly Goal[] {
  return [
    { figure: "memory", ours, atMost: kb * 1024 },
    { figure: "a call to all", ours, atMost: 5000 },
    { figure: "idle CPU", ours, atMost: 2 },
  ];
}

/** Each a group of its own: there is nobody to be compared with. */
function contender(name: string, target: string, count: number): Contender {
  return { name, role: "ours", group: name, count, program: node("density/wasm.ts", { args: [target] }) };
}
