/** What one change costs the planner of a cloud, from a thousand VMs to a million. Nothing else does this work: the goals are that it does not grow with them. */
import type { Bench } from "./bench.ts";
import { node } from "./node.ts";

const CHANGES = 200_000;

const of = (vms: number) => ({
  name: `${vms.toLocaleString("en")} VMs`,
  role: "ours" as const,
  group: String(vms),
  count: CHANGES,
  program: node("cloud-plan/changes.ts", { flags: ["--expose-gc"], args: [String(vms)] }),
});

const sizes = [1000, 10_000, 100_000, 1_000_000].map(of);

export const cloudPlan: Bench = {
  name: "cloud-plan",
  about: "VMs of a cloud crash one by one, and each is placed anew, by how many there are",
  figures: [
    { name: "cost of a change", unit: "ns", better: "lower", of: ({ elapsedNs, work }) => elapsedNs / work },
    {
      name: "placing",
      unit: "ns/VM",
      better: "lower",
      of: ({ extra }) => extra?.["placingNsEach"] ?? Number.NaN,
    },
    {
      name: "memory",
      unit: "bytes/VM",
      better: "lower",
      of: ({ extra }) => extra?.["bytesEach"] ?? Number.NaN,
    },
  ],
  check: String,
  goals: sizes.map(({ name }) => ({ figure: "cost of a change", ours: name, atMost: 10_000 })),
  contenders: sizes,
};
