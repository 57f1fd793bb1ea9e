import { process, unikernel, type Self } from "motes";
import { play, ponger, pongVm, type Played } from "./players.ts";

/** Two actors play ping-pong: first in one VM, then with a VM each. Nothing but `spawn` and `boot` differs. */
const game = process(
  async (self: Self<never>, durationMs: number) => {
    const local = self.spawn(ponger);
    console.log(`in one VM:     ${rate(await play(self, local, durationMs))}`);
    const remote = await self.boot(pongVm, []);
    console.log(`between two:   ${rate(await play(self, remote.ref, durationMs))}`);
  },
  { label: "game" },
);

const rate = ({ rounds, elapsedMs }: Played): string =>
  `${Math.round((rounds / elapsedMs) * 1000).toLocaleString("en")} round trips a second`;

export default unikernel({ root: game, args: [500], vms: [pongVm] });
