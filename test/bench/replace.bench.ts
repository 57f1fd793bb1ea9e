/** A service against its VM alone, and how long messages wait while the VM behind it is replaced with its state. */
import { type Bench, type Figure, rate } from "./bench.ts";
import { node } from "./node.ts";

const pause = (name: string, key: string): Figure => ({
  name,
  unit: "ms",
  better: "lower",
  of: ({ extra }) => extra?.[key] ?? 0,
});

const flatOut = "1,000,000 messages from 4 VMs, as fast as they go";
const replaced = "100 replacements";
const program = (how: string) => node("replace/vms.ts", { args: [how] });

export const replacing: Bench = {
  name: "replace",
  about: "messages of four VMs through a service whose VM is replaced with its state",
  figures: [
    rate("messages", "messages/s"),
    pause("pause p50", "pauseP50Ms"),
    pause("pause p99", "pauseP99Ms"),
    pause("replacement p50", "replacementP50Ms"),
  ],
  check: String,
  contenders: [
    {
      name: "through a service",
      role: "ours",
      group: flatOut,
      count: 1_000_000,
      program: program("service"),
    },
    {
      name: "straight to the VM",
      role: "peer",
      group: flatOut,
      count: 1_000_000,
      program: program("straight"),
    },
    {
      name: "while 1,000,000 messages come",
      role: "ours",
      group: replaced,
      count: 1_000_000,
      program: program("replaced"),
    },
    { name: "idle", role: "peer", group: replaced, count: 1_000_000, program: program("idle") },
  ],
};
