/** From `boot` to the root supervisor's ready, against a bare `new Worker` that posts one message. */
import type { Bench } from "./bench.ts";
import { node } from "./node.ts";

export const bootIsolate: Bench = {
  name: "boot-isolate",
  about: "one VM booted at a time, until it says ready",
  figures: [
    { name: "boot", unit: "ms", better: "lower", of: ({ work, elapsedNs }) => elapsedNs / work / 1e6 },
  ],
  check: (count) => String(count),
  // At most 1.6x the floor.
  goals: [{ figure: "boot", ours: "motes isolate", peer: "bare new Worker", atLeastRatio: 0.625 }],
  contenders: [
    { name: "motes isolate", role: "ours", count: 40, program: node("boot-isolate/isolate.ts") },
    {
      name: "motes isolate, a blank",
      role: "ours",
      count: 40,
      program: node("boot-isolate/isolate.ts", { args: ["blank"] }),
    },
    {
      name: "motes isolate, primed",
      role: "ours",
      count: 40,
      program: node("boot-isolate/isolate.ts", { args: ["primed"] }),
    },
    { name: "bare new Worker", role: "peer", count: 40, program: node("boot-isolate/bare-worker.ts") },
  ],
};
