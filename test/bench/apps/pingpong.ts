/** The program of the `pingpong-vm` and `pingpong-host` benches: one VM plays with another, and answers the host with what it measured. */
import { actor, announce, name, unikernel, type ProtocolOf, type Ref, type Self } from "motes";

interface Ping {
  readonly type: "ping";
  readonly from: Ref<Pong>;
  readonly n: number;
}
interface Pong {
  readonly type: "pong";
  readonly n: number;
}
export interface Played {
  readonly elapsedMs: number;
  readonly sum: number;
}

/** For who finds it by its name, at the host in whose own VM it is. */
export const pongName = name<Ping>("pong");

export const ponger = actor({
  init: async (self: Self<Ping>, announced: boolean = false) => {
    if (announced) await announce(self, pongName);
    return self;
  },
  info: { ping: (self, { from, n }: Ping) => self.send(from, { type: "pong", n }) },
});

const pong = unikernel({ name: "pong", root: ponger });

/** Each round trip begins when the last one is back. */
export const pinger = actor({
  init: (self: Self<Pong>, to: Ref<Ping>, count: number, done: (played: Played) => void) => {
    self.send(to, { type: "ping", from: self.ref, n: count });
    return { self, to, done, startedMs: self.now(), sum: 0 };
  },
  info: {
    pong: (state, { n }: Pong) => {
      const { self, to } = state;
      state.sum += n;
      if (n > 1) return self.send(to, { type: "ping", from: self.ref, n: n - 1 });
      state.done({ elapsedMs: self.now() - state.startedMs, sum: state.sum });
      self.stop();
    },
  },
});

const root = actor({
  /** `host`: where the other VM is, if it is not here. */
  init: async (self: Self<never>, host?: string) => ({
    self,
    to: (await self.boot(pong, [], host === undefined ? {} : { host })).ref,
  }),
  call: {
    play: async ({ self, to }, count: number) =>
      new Promise<Played>((done) => {
        self.spawn(pinger, to, count, done);
      }),
  },
});

export type PingPong = ProtocolOf<typeof root>;
export default unikernel({ root, args: [], vms: [pong] });
