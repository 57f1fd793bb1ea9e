/** A request to a service that has no VM: until the first byte of the answer, against a bare `new Worker` that posts one message. */
import type { Bench } from "./bench.ts";
import { node } from "./node.ts";

export const summon: Bench = {
  name: "summon",
  about: "HTTP requests to services without a VM, one at a time, until the first byte of the answer",
  figures: [
    { name: "median", unit: "ms", better: "lower", of: ({ extra }) => extra?.["medianMs"] ?? Number.NaN },
  ],
  check: (count) => String(count),
  goals: [
    { figure: "median", ours: "motes door, cold isolate", atMost: 40 },
    { figure: "median", ours: "motes door, warm isolate", atMost: 5 },
  ],
  contenders: [
    {
      name: "motes door, cold isolate",
      role: "ours",
      count: 40,
      program: node("summon/door.ts", { args: ["cold"] }),
    },
    {
      name: "motes door, warm isolate",
      role: "ours",
      count: 40,
      program: node("summon/door.ts", { args: ["warm"] }),
    },
    { name: "bare new Worker", role: "peer", count: 40, program: node("boot-isolate/bare-worker.ts") },
  ],
};
