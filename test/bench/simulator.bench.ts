/** Signals between simulated VMs, all invariants watching. Nothing else does this work: the goal is a bound on our own figure. */
import { type Bench, triangle } from "./bench.ts";
import { node } from "./node.ts";

export const simulator: Bench = {
  name: "simulator",
  about: "signals between two simulated VMs in one thread, one at a time, under all invariants",
  figures: [
    {
      name: "cost of a signal",
      unit: "ns",
      better: "lower",
      of: ({ elapsedNs, work }) => elapsedNs / work,
    },
  ],
  check: (count) => String(triangle(count / 2)),
  // 200,000 signals a second.
  goals: [{ figure: "cost of a signal", ours: "simulate", atMost: 5000 }],
  contenders: [{ name: "simulate", role: "ours", count: 1_000_000, program: node("simulator/ping-pong.ts") }],
};
