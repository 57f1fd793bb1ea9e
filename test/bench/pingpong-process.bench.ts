/** Two VMs that are processes, one message in flight, against the same two as isolates: what the way between processes costs. */
import { type Bench, rate, triangle } from "./bench.ts";
import { node } from "./node.ts";

const SPINNING = "free to spin";
const SLEEPING = "asleep between messages";

export const pingpongProcess: Bench = {
  name: "pingpong-process",
  about: "two VMs that are processes, one message in flight",
  figures: [rate("round trips", "round trips/s")],
  check: (count) => String(triangle(count)),
  // Within 1.3x of isolates.
  goals: [{ figure: "round trips", ours: "motes processes", peer: "motes isolates", atLeastRatio: 0.77 }],
  contenders: [
    {
      name: "motes processes",
      role: "ours",
      group: SPINNING,
      count: 1_000_000,
      program: node("pingpong-vm/vms.ts", { args: ["process"] }),
    },
    {
      name: "motes isolates",
      role: "peer",
      group: SPINNING,
      count: 1_000_000,
      program: node("pingpong-vm/vms.ts"),
    },
    {
      name: "motes processes, asleep",
      role: "ours",
      group: SLEEPING,
      count: 30_000,
      program: node("pingpong-vm/vms.ts", { args: ["process", "sleep"] }),
    },
    {
      name: "motes isolates, asleep",
      role: "peer",
      group: SLEEPING,
      count: 30_000,
      program: node("pingpong-vm/vms.ts", { args: ["sleep"] }),
    },
  ],
};
