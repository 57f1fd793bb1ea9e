/**
 * One mote: an actor under a supervisor, in a VM of its own, that now and then gossips with a neighbour: both then know the newest that one
 * of them had heard of. Neighbours are found by name: the motes of one district share one. Each knows one of its own district or of the
 * next, on its host, and is known to some: a way between two VMs weighs as much as half a mote.
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

/** The answer of one that had heard of something newer. */
interface Newer {
  readonly type: "newer";
  readonly news: number;
}

export type Mote =
  | Cast<"gossip", readonly [news: number, from: Ref<Newer>]>
  | Call<"newest", readonly [], number>;

const perDistrict = 8;
const districts = 1250;
const everyMs = 60_000;

export const district = (number: number): Name<Mote> => name<Mote>(`district ${number % districts}`);

interface Tick {
  readonly type: "tick";
}

interface State {
  readonly district: number;
  newest: number;
  neighbour: Ref<Mote> | undefined;
}

const mote = actor({
  label: "mote",
  async init(self: Self<Tick | Newer>, ordinal: string): Promise<State> {
    const own = Math.floor(Number(ordinal) / perDistrict);
    await announce(self, district(own));
    // Not all in the same moment.
    self.sendAfter(everyMs * self.random(), self.ref, { type: "tick" });
    return { district: own, newest: 0, neighbour: undefined };
  },
  info: {
    async tick(state: State, _tick: Tick) {
      this.sendAfter(everyMs * (0.5 + this.random()), this.ref, { type: "tick" });
      if (state.neighbour === undefined) {
        const found = await find(this, district(state.district + (this.random() < 0.5 ? 0 : 1)));
        const others = found.filter((each) => !sameRef(each, this.ref));
        state.neighbour = others[Math.floor(others.length * this.random())];
        if (state.neighbour !== undefined) this.monitor(state.neighbour);
      }
      if (state.neighbour !== undefined) this.cast(state.neighbour, "gossip", state.newest, this.ref);
    },
    newer(state: State, { news }: Newer) {
      state.newest = Math.max(state.newest, news);
    },
    /** There are others. */
    down(state: State, _down: Down) {
      state.neighbour = undefined;
    },
  },
  cast: {
    gossip(state: State, news: number, from: Ref<Newer>) {
      if (state.newest > news) this.send(from, { type: "newer", news: state.newest });
      else state.newest = news;
    },
  },
  call: { newest: ({ newest }: State) => newest },
});

const root = supervisor((_self, ordinal: string) => ({ children: { mote: child(mote, [ordinal]) } }));

export default unikernel({ root, args: ["0"] });
