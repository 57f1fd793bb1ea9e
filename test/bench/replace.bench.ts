/** How long messages wait while the VM behind a service is replaced with its state, 100 times: under load, and when nobody asks. */
import type { Bench, Figure } from "./bench.ts";
import { node } from "./node.ts";

const ms = (name: string, key: string): Figure => ({
  name,
  unit: "ms",
  better: "lower",
  of: ({ extra }) => extra?.[key] ?? Number.NaN,
});

const program = (how: string) => node("replace/vms.ts", { args: [how] });

export const replacing: Bench = {
  name: "replace",
  about: "100 replacements of a VM with its state behind a service, while four VMs send 1,000,000 messages",
  figures: [
    ms("pause p50", "pauseP50Ms"),
    ms("pause p99", "pauseP99Ms"),
    ms("replacement p50", "replacementP50Ms"),
  ],
  check: String,
  contenders: [
    { name: "under load", role: "ours", count: 1_000_000, program: program("replaced") },
    { name: "idle", role: "peer", count: 1_000_000, program: program("idle") },
  ],
};
