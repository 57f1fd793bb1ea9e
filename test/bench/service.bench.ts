/** What a service in front of a VM costs: as many messages of four VMs as go through, against the VM's own address. */
import { type Bench, rate } from "./bench.ts";
import { node } from "./node.ts";

export const serving: Bench = {
  name: "service",
  about: "messages of four VMs to one, through a service and straight",
  figures: [rate("messages", "messages/s")],
  check: String,
  contenders: [
    {
      name: "through a service",
      role: "ours",
      count: 1_000_000,
      program: node("replace/vms.ts", { args: ["service"] }),
    },
    {
      name: "straight to the VM",
      role: "peer",
      count: 1_000_000,
      program: node("replace/vms.ts", { args: ["straight"] }),
    },
  ],
};
