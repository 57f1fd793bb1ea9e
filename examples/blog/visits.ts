import { actor, type ProtocolOf } from "motes";

/** How often each page was read: the state of one actor, which outlives the VMs that show the pages. */
export const visits = actor({
  label: "visits",
  init: () => new Map<string, number>(),
  call: {
    /** This visit's number. */
    add: (counts, path: string) => {
      const count = (counts.get(path) ?? 0) + 1;
      counts.set(path, count);
      return count;
    },
    all: (counts) => counts,
  },
});

export type Visits = ProtocolOf<typeof visits>;
