/** The program of the `throughput-vm` and `throughput-host` benches: one VM sends numbered messages to another, at most 4,000 in flight. */
import { actor, announce, name, unikernel, type ProtocolOf, type Ref, type Self } from "motes";
import { payloadOf, touch, type Kind, type Payload } from "../throughput-vm/payload.ts";

interface Data {
  readonly type: "data";
  readonly payload: Payload;
  readonly n: number;
}
interface Begin {
  readonly type: "begin";
  readonly from: Ref<Told>;
  readonly count: number;
}
interface Acked {
  readonly type: "acked";
  readonly n: number;
}
interface Total {
  readonly type: "total";
  readonly sum: number;
}
type Told = Acked | Total;

const batch = 1000;
const inFlightMax = 4000;

/** For who finds it by its name, at the host in whose own VM it is. */
export const sinkName = name<Data | Begin>("sink");

/** Takes the messages in order, tells the sender of each 1,000th, and of the sum at the end. */
export const sink = actor({
  init: async (self: Self<never>, announced: boolean = false) => {
    if (announced) await announce(self, sinkName);
    return { self, from: undefined as Ref<Told> | undefined, count: 0, expected: 1, sum: 0 };
  },
  info: {
    begin: (state, { from, count }: Begin) => {
      Object.assign(state, { from, count, expected: 1, sum: 0 });
    },
    data: (state, { n, payload }: Data) => {
      if (n !== state.expected++) throw new Error(`message ${n} came out of order`);
      state.sum += n + touch(payload);
      const { self, from, count, sum } = state;
      if (from === undefined) return;
      if (n === count) self.send(from, { type: "total", sum });
      else if (n % batch === 0) self.send(from, { type: "acked", n });
    },
  },
});

const sinkVm = unikernel({ name: "sink", root: sink });

interface Sending {
  readonly self: Self<Told>;
  readonly to: Ref<Data>;
  readonly payload: Payload;
  readonly count: number;
  next: number;
}

function fill({ self, to, payload, count, ...rest }: Sending, acked: number): number {
  let { next } = rest;
  while (next <= count && next - acked <= inFlightMax) self.send(to, { type: "data", payload, n: next++ });
  return next;
}

export const source = actor({
  init: (self: Self<Told>, to: Ref<Data | Begin>, kind: Kind, count: number, done: (sum: number) => void) => {
    self.send(to, { type: "begin", from: self.ref, count });
    const state = { self, to, payload: payloadOf(kind), count, next: 1, done };
    state.next = fill(state, 0);
    return state;
  },
  info: {
    acked: (state, { n }: Acked) => {
      state.next = fill(state, n);
    },
    total: ({ self, done }, { sum }: Total) => {
      done(sum);
      self.stop();
    },
  },
});

const root = actor({
  /** `host`: where the other VM is, if it is not here. */
  init: async (self: Self<never>, host?: string) => ({
    self,
    to: (await self.boot(sinkVm, [], host === undefined ? {} : { host })).ref,
  }),
  call: {
    transfer: async ({ self, to }, kind: Kind, count: number) => {
      const startedMs = self.now();
      const sum = await new Promise<number>((done) => {
        self.spawn(source, to, kind, count, done);
      });
      return { elapsedMs: self.now() - startedMs, sum };
    },
  },
});

export type Throughput = ProtocolOf<typeof root>;
export default unikernel({ root, args: [], vms: [sinkVm] });
