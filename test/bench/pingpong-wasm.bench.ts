/** Two VMs in WebAssembly, one message in flight, against the same two as isolates that sleep: they never spin, since others wait for their thread. */
import { type Bench, rate, triangle } from "./bench.ts";
import { node } from "./node.ts";

export const pingpongWasm: Bench = {
  name: "pingpong-wasm",
  about: "two VMs in WebAssembly, one message in flight",
  figures: [rate("round trips", "round trips/s")],
  check: (count) => String(triangle(count)),
  goals: [],
  contenders: [
    {
      name: "motes in WebAssembly",
      role: "ours",
      count: 10_000,
      program: node("pingpong-vm/vms.ts", { args: ["wasm"] }),
    },
    {
      name: "motes isolates, asleep",
      role: "peer",
      count: 10_000,
      program: node("pingpong-vm/vms.ts", { args: ["sleep"] }),
    },
  ],
};
