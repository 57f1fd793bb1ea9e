import { readdirSync, readlinkSync } from "node:fs";

/** Images of memories that this process holds open. */
export function openImages(): number {
  const targets = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // Closed since it was listed, as is the one by which they were.
      return "";
    }
  });
  return targets.filter((target) => target.includes("motes-image")).length;
}
