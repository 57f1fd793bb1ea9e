/**
 * One mote: an actor under a supervisor, in a VM of its own, that now and then tells its neighbours the newest it has heard of. They
 * are found by name: the motes of one district share one. Each knows one of its own district and one of the next, on its host, and is
 * known to as many. Not to more: a way between two VMs weighs as much as half a mote.
 */
import {
  actor,
  announce,
  child,
  find,
  name,
  sameRef,
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
const neighboursMax = 2;
const everyMs = 60_000;

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
      if (state.neighbours.length < neighboursMax) {
        const found = await find(this, district(state.district + state.neighbours.length));
        const known = [this.ref, ...state.neighbours];
        const others = found.filter((each) => !known.some((one) => sameRef(one, each)));
        const one = others[Math.floor(others.length * this.random())];
        if (one !== undefined) {
          this.monitor(one);
          state.neighbours = [...state.neighbours, one];
        }
      }
      for (const each of state.neighbours) this.cast(each, "gossip", state.newest);
    },
    /** There are others. */
    down(state: State, { from }: Down) {
      state.neighbours = state.neighbours.filter((each) => !sameRef(each, from));
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
