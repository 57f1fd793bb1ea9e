import { actor, process, unikernel, type Ref, type Self } from "motes";

/** Two actors play ping-pong: first in one VM, then with a VM each. Every figure is a round trip: two messages. */
interface Ping {
  readonly type: "ping";
  readonly from: Ref<Pong>;
  readonly n: number;
}

interface Pong {
  readonly type: "pong";
  readonly n: number;
}

const ponger = actor({
  label: "ponger",
  init: (self: Self<Ping>) => self,
  info: { ping: (self, { from, n }: Ping) => self.send(from, { type: "pong", n }) },
});

const pongVm = unikernel({ name: "pong", root: ponger });

interface Game {
  readonly self: Self<Pong>;
  readonly to: Ref<Ping>;
  readonly done: (ms: number) => void;
  readonly startedMs: number;
}

/** Keeps one ball in play for `rounds` round trips, then says how long it took, in ms. */
const pinger = actor({
  label: "pinger",
  init: (self: Self<Pong>, to: Ref<Ping>, rounds: number, done: (ms: number) => void): Game => {
    self.send(to, { type: "ping", from: self.ref, n: rounds });
    return { self, to, done, startedMs: self.now() };
  },
  info: {
    pong: ({ self, to, done, startedMs }, { n }: Pong) => {
      if (n > 1) return self.send(to, { type: "ping", from: self.ref, n: n - 1 });
      done(self.now() - startedMs);
      self.stop();
    },
  },
});

const game = process(
  function* (self: Self<never>, localRounds: number, remoteRounds: number) {
    const local = self.spawn(ponger);
    console.log(`in one VM:     ${yield* play(self, local, localRounds)}`);
    const pong = yield* self.boot(pongVm, []);
    console.log(`between two:   ${yield* play(self, pong.ref, remoteRounds)}`);
  },
  { label: "game" },
);

function* play(self: Self<never>, to: Ref<Ping>, rounds: number) {
  // The first tenth lets the compiler see the game; only the rest is measured.
  for (const count of [Math.ceil(rounds / 10), rounds]) {
    const ms = yield* self.until(new Promise<number>((done) => self.spawn(pinger, to, count, done)));
    if (count === rounds)
      return `${Math.round((rounds / ms) * 1000).toLocaleString("en")} round trips a second`;
  }
  return "";
}

export default unikernel({ root: game, args: [2_000_000, 200_000], vms: [pongVm] });
