import { actor, unikernel, type Self } from "motes";
import { play, ponger, pongVm } from "../ping-pong/players.ts";

/** The program of the race: plays ping-pong when the tour asks it to, and answers what it came to. */
const court = actor({
  label: "court",
  init: async (self: Self<never>) => ({
    self,
    local: self.spawn(ponger),
    remote: (await self.boot(pongVm, [])).ref,
  }),
  call: {
    together: async ({ self, local }, durationMs: number) => play(self, local, durationMs),
    apart: async ({ self, remote }, durationMs: number) => play(self, remote, durationMs),
  },
});

export default unikernel({ root: court, args: [], vms: [pongVm] });
