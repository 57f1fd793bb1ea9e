/** Two simulated VMs that play ping-pong, one ball, watched by every invariant: what a signal costs in the simulator. */
import { actor, process as actorProcess, unikernel, type Ref, type Self } from "../../../kernel/index.ts";
import { simulate } from "../../../src/testing/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

interface Ping {
  readonly type: "ping";
  readonly n: number;
  readonly from: Ref<Pong>;
}
interface Pong {
  readonly type: "pong";
  readonly n: number;
}

const ponger = actor({
  init: (self: Self<Ping>) => self,
  info: { ping: (self, { from, n }: Ping) => self.send(from, { type: "pong", n }) },
});
const pongVm = unikernel({ name: "pong", root: ponger });

/** Signals: a ping and a pong for each number, up to half of `count`. */
async function run(count: number): Promise<number> {
  let sum = 0;
  const game = actorProcess(function* (self: Self<Pong>) {
    const { ref } = yield* self.boot(pongVm, []);
    for (let n = 1; n <= count / 2; n++) {
      self.send(ref, { type: "ping", n, from: self.ref });
      sum += (yield* self.receive("pong")).n;
    }
    yield* self.sleep(Infinity);
  });
  const app = unikernel({ name: "game", root: game, vms: [pongVm] });
  await simulate(app, { untilMs: count * 2, eventsMax: count * 10 });
  return sum;
}

const count = askedCount();
await run(Math.ceil(count / 20) * 2);
const startNs = nowNs();
const sum = await run(count);
printSample({ work: count, elapsedNs: nowNs() - startNs, check: String(sum) });
