/** The program of the `monitors-host` bench: a VM with many actors on one host, and one on another that monitors them all. */
import { actor, unikernel, type HostDown, type HostUp, type ProtocolOf, type Ref, type Self } from "motes";

const idle = actor({ init: () => ({}) });

const crowd = actor({
  init: (self: Self<never>) => self,
  call: {
    spawn: (self, count: number) => Array.from({ length: count }, () => self.spawn(idle)) as Ref<never>[],
  },
});

const crowdVm = unikernel({ name: "crowd", root: crowd });

export interface Told {
  readonly elapsedMs: number;
  readonly count: number;
}

const watcher = actor({
  init: async (self: Self<HostUp | HostDown>, host: string) => {
    const { ref } = await self.boot(crowdVm, [], { host });
    self.unlink(ref);
    await self.call(self.host, "watchHosts", self.ref);
    return { self, ref, left: 0, count: 0, lostMs: Infinity, over: undefined as Told | undefined };
  },
  call: {
    async watch(state, count: number) {
      for (const each of await state.self.call(state.ref, "spawn", count)) state.self.monitor(each);
      state.count = state.left = count;
      // What was asked for before is there when this has its answer.
      await state.self.call(state.ref, "spawn", 0);
    },
    /** Undefined until all are told. */
    told: (state) => state.over,
  },
  info: {
    hostup: () => {},
    hostdown: (state) => settle(state, (state.lostMs = state.self.now())),
    down: (state) => {
      state.left--;
      settle(state, state.self.now());
    },
  },
});

interface Waiting {
  readonly left: number;
  readonly count: number;
  readonly lostMs: number;
  over: Told | undefined;
}

/** Whichever comes last: the word that the host is lost, or the last monitor. */
function settle(state: Waiting, nowMs: number): void {
  if (state.left > 0 || state.lostMs === Infinity) return;
  state.over = { elapsedMs: Math.max(0, nowMs - state.lostMs), count: state.count };
}

export type Watcher = ProtocolOf<typeof watcher>;
export default unikernel({ root: watcher, args: ["b"], vms: [crowdVm] });
