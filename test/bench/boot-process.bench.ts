/** From `boot` to the root supervisor's ready, each VM an OS process, against a bare `node -e` that says one byte. */
import type { Bench } from "./bench.ts";
import { node } from "./node.ts";

export const bootProcess: Bench = {
  name: "boot-process",
  about: "one VM booted at a time as a process, until it says ready",
  figures: [
    { name: "boot", unit: "ms", better: "lower", of: ({ work, elapsedNs }) => elapsedNs / work / 1e6 },
  ],
  check: (count) => String(count),
  // At most 1.5x the floor.
  goals: [{ figure: "boot", ours: "motes process", peer: "bare node -e", atLeastRatio: 0.667 }],
  contenders: [
    {
      name: "motes process",
      role: "ours",
      count: 40,
      program: node("boot-isolate/isolate.ts", { args: ["process"] }),
    },
    {
      name: "motes process, a blank",
      role: "ours",
      count: 40,
      program: node("boot-isolate/isolate.ts", { args: ["process", "blank"] }),
    },
    {
      name: "motes process, primed",
      role: "ours",
      count: 40,
      program: node("boot-isolate/isolate.ts", { args: ["process", "primed"] }),
    },
    { name: "bare node -e", role: "peer", count: 40, program: node("boot-process/bare-node.ts") },
  ],
};
