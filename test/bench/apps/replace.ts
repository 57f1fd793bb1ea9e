/**
 * The program of the `replace` bench: four VMs send numbered messages to one, straight or through a service that is replaced
 * meanwhile. The receiver's state, which goes over each time, refuses what is not the next number of its sender.
 */
import { actor, replace, service, unikernel, type ProtocolOf, type Ref, type Self } from "motes";

interface Numbered {
  readonly type: "numbered";
  readonly from: number;
  readonly n: number;
}

export const senders = 4;
const windowMessages = 1000;

const sink = actor({
  init: () => ({ last: Array.from({ length: senders }, () => 0), sum: 0 }),
  info: {
    numbered(state, { from, n }: Numbered) {
      const before = state.last[from] ?? 0;
      if (n !== before + 1) throw new Error(`${n} of ${from} after ${before}`);
      state.last[from] = n;
      state.sum += n;
    },
  },
  call: { sum: ({ sum }) => sum, mark: (_state, from: number) => from },
  version: 1,
  handoff: (state) => state,
  adopt: (_state, data) => data,
});
const sinkVm = unikernel({ name: "sink", root: sink });
type SinkRef = Ref<ProtocolOf<typeof sink>>;

/** Sends `count` messages, and waits for an answer after each thousand, and then for `paceMs`. */
const sender = actor({
  init: (_self, to: SinkRef, from: number) => ({ to, from }),
  call: {
    *run({ to, from }, count: number, paceMs: number, begin: number) {
      for (let n = begin + 1; n <= begin + count; n++) {
        this.send(to, { type: "numbered", from, n });
        if (n % windowMessages > 0 && n < begin + count) continue;
        yield* this.callWithin(Infinity, to, "mark", from);
        if (paceMs > 0) yield* this.sleep(paceMs);
      }
      return begin + count;
    },
  },
});
const senderVm = unikernel({ name: "sender", root: sender });

const through = service({ entry: sinkVm });

export interface Replaced {
  readonly elapsedMs: number;
  readonly sum: number;
  /** For how long messages had to wait, of each replacement. */
  readonly pausesMs: readonly number[];
  readonly replacementsMs: readonly number[];
}

const root = actor({
  init: async (self: Self<never>, byService: boolean) => {
    const front = byService ? (await self.start(through)).ref : undefined;
    const to: SinkRef = front ?? (await self.boot(sinkVm, [])).ref;
    const all = await Promise.all(
      Array.from({ length: senders }, (_, from) => self.boot(senderVm, [to, from])),
    );
    return { to, front, all, begin: 0 };
  },
  call: {
    async run(state, count: number, replacements: number, paceMs: number): Promise<Replaced> {
      const { to, front, all } = state;
      const each = count / senders;
      const startedMs = this.now();
      const sent = all.map(({ ref }) =>
        each === 0 ? 0 : this.callWithin(Infinity, ref, "run", each, paceMs, state.begin),
      );
      const pausesMs: number[] = [];
      const replacementsMs: number[] = [];
      for (let i = 0; i < replacements; i++) {
        if (front === undefined) throw new Error("there is no service to replace");
        const report = await replace(this, front);
        if (!report.ok) throw new Error(report.message);
        pausesMs.push(report.steps.find(({ step }) => step === "flushed")?.durationMs ?? Number.NaN);
        replacementsMs.push(report.durationMs);
      }
      await Promise.all(sent);
      state.begin += each;
      const sum = await this.callWithin(Infinity, to, "sum");
      return { elapsedMs: this.now() - startedMs, sum, pausesMs, replacementsMs };
    },
  },
});

export type ReplaceBench = ProtocolOf<typeof root>;
export default unikernel({ root, args: [true], vms: [sinkVm, senderVm] });
