/**
 * One mote: an actor under a supervisor, in a VM of its own, that now and then tells a neighbour the newest it has heard of. Neighbours
 * are found by name: the motes of one district share one, and each knows two of its own district or of the next, on its host.
 */
import {
  actor,
  announce,
  child,
  find,
  name,
  supervisor,
  unikernel,
  type Call,
  type Cast,
  type Down,
  type Name,
  type Ref,
  type Self,
} from "motes";

export type Mote = Cast<"gossip", readonly [news: number]> | Call<"newest", readonly [], number>;

const perDistrict = 8;
const districts = 1250;
const everyMs = 20_000;

export const district = (number: number): Name<Mote> => name<Mote>(`district ${number % districts}`);

interface Tick {
  readonly type: "tick";
}

interface State {
  readonly district: number;
  newest: number;
  neighbours: readonly Ref<Mote>[];
}

const mote = actor({
  label: "mote",
  async init(self: Self<Tick>, ordinal: string): Promise<State> {
    const own = Math.floor(Number(ordinal) / perDistrict);
    await announce(self, district(own));
    // Not all in the same moment.
    self.sendAfter(everyMs * self.random(), self.ref, { type: "tick" });
    return { district: own, newest: 0, neighbours: [] };
  },
  info: {
    async tick(state: State, _tick: Tick) {
      this.sendAfter(everyMs * (0.5 + this.random()), this.ref, { type: "tick" });
      if (state.neighbours.length === 0) {
        const near = await find(this, district(state.district));
        const next = await find(this, district(state.district + 1));
        const [one, other] = [near, next].map((all) => all[Math.floor(all.length * this.random())]);
        state.neighbours = [one, other].filter((each) => each !== undefined);
        for (const each of state.neighbours) this.monitor(each);
      }
      for (const each of state.neighbours) this.cast(each, "gossip", state.newest);
    },
    /** There are others. */
    down(state: State, _down: Down) {
      state.neighbours = [];
    },
  },
  cast: {
    gossip(state: State, news: number) {
      state.newest = Math.max(state.newest, news);
    },
  },
  call: { newest: ({ newest }: State) => newest },
});

const root = supervisor((_self, ordinal: string) => ({ children: { mote: child(mote, [ordinal]) } }));

export default unikernel({ root, args: ["0"] });
