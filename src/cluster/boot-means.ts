import type { BootMeans } from "./boots-abroad.ts";
import { pack } from "./parcel.ts";

/** What boots on other hosts have in reality: the clock of Node, and images that are packed. The simulator has others. */
export const bootMeans: BootMeans = {
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  pack,
};
