import { actor, unikernel, type Ref, type Self } from "motes";

/** The two players. A round trip is two messages: a ping, and the pong that answers it. */
export interface Ping {
  readonly type: "ping";
  readonly from: Ref<Pong>;
  readonly n: number;
}

export interface Pong {
  readonly type: "pong";
  readonly n: number;
}

/** What a game came to. */
export interface Played {
  readonly rounds: number;
  readonly elapsedMs: number;
}

export const ponger = actor({
  label: "ponger",
  init: (self: Self<Ping>) => self,
  info: { ping: (self, { from, n }: Ping) => self.send(from, { type: "pong", n }) },
});

export const pongVm = unikernel({ name: "pong", root: ponger });

/** A look at the clock after so many round trips: a look at each would be a good part of what is measured. */
const roundsALook = 256;

/** Keeps one ball in play for a time, then says what it came to, and ends. */
const pinger = actor({
  label: "pinger",
  init: (self: Self<Pong>, to: Ref<Ping>, durationMs: number, done: (played: Played) => void) => {
    self.send(to, { type: "ping", from: self.ref, n: 1 });
    return { self, to, durationMs, done, startedMs: self.now() };
  },
  info: {
    pong: ({ self, to, durationMs, done, startedMs }, { n }: Pong) => {
      const elapsedMs = n % roundsALook === 0 ? self.now() - startedMs : 0;
      if (elapsedMs < durationMs) return self.send(to, { type: "ping", from: self.ref, n: n + 1 });
      done({ rounds: n, elapsedMs });
      self.stop();
    },
  },
});

const warmUpShare = 0.3;

/** A game against `to`, wherever it lives: first a short one, so that the compiler has seen it, then the one that counts. */
export async function play(self: Self<never>, to: Ref<Ping>, durationMs: number): Promise<Played> {
  const game = async (ms: number): Promise<Played> =>
    new Promise((done) => {
      self.spawn(pinger, to, ms, done);
    });
  await game(durationMs * warmUpShare);
  return game(durationMs);
}
