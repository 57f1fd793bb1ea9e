/** Two motes actors in one kernel; the style of their code is the argument: sync, generator, async. */
import {
  actor,
  behaviorOf,
  process as actorProcess,
  selfOf,
  type Definition,
  type Ref,
  type Self,
} from "../../../kernel/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import { benchKernel } from "../kernel-platform.ts";

interface Ping {
  readonly type: "ping";
  readonly from: Ref<Pong>;
  readonly n: number;
}
interface Pong {
  readonly type: "pong";
  readonly n: number;
}

interface Result {
  sum: number;
  done: boolean;
}

type Pinger = Definition<[to: Ref<Ping>, n: number, result: Result], Pong>;
interface Pair {
  readonly ponger: Definition<[], Ping>;
  readonly pinger: Pinger;
}

const sync: Pair = {
  ponger: actor({
    init: (self: Self<Ping>) => self,
    info: { ping: (self, { from, n }: Ping) => self.send(from, { type: "pong", n }) },
  }),
  pinger: actor({
    init: (self: Self<Pong>, to: Ref<Ping>, n: number, result: Result) => {
      self.send(to, { type: "ping", from: self.ref, n });
      return { self, to, result };
    },
    info: {
      pong: ({ self, to, result }, { n }: Pong) => {
        result.sum += n;
        if (n > 1) self.send(to, { type: "ping", from: self.ref, n: n - 1 });
        else result.done = true;
      },
    },
  }),
};

const generator: Pair = {
  ponger: actorProcess(function* (self: Self<Ping>) {
    for (;;) {
      const { from, n } = yield* self.receive("ping");
      self.send(from, { type: "pong", n });
    }
  }),
  pinger: actorProcess(function* (self: Self<Pong>, to: Ref<Ping>, n: number, result: Result) {
    for (let left = n; left > 0; left--) {
      self.send(to, { type: "ping", from: self.ref, n: left });
      result.sum += (yield* self.receive("pong")).n;
    }
    result.done = true;
  }),
};

const asynchronous: Pair = {
  ponger: actorProcess(async (self: Self<Ping>) => {
    for (;;) {
      const { from, n } = await self.receive("ping");
      self.send(from, { type: "pong", n });
    }
  }),
  pinger: actorProcess(async (self: Self<Pong>, to: Ref<Ping>, n: number, result: Result) => {
    for (let left = n; left > 0; left--) {
      self.send(to, { type: "ping", from: self.ref, n: left });
      result.sum += (await self.receive("pong")).n;
    }
    result.done = true;
  }),
};

async function pingPong({ ponger, pinger }: Pair, count: number, awaits: boolean): Promise<number> {
  const kernel = benchKernel();
  const result: Result = { sum: 0, done: false };
  const to = selfOf<Ping>(kernel.spawn(behaviorOf(ponger), [], null)).ref;
  kernel.spawn(behaviorOf(pinger), [to, count, result], null);
  while (!result.done) {
    kernel.turn();
    // A promise's handlers run between turns.
    if (awaits) await undefined;
  }
  return result.sum;
}

const style = process.argv.includes("generator")
  ? generator
  : process.argv.includes("async")
    ? asynchronous
    : sync;
const count = askedCount();
await pingPong(style, Math.ceil(count / 10), style === asynchronous);
const startNs = nowNs();
const sum = await pingPong(style, count, style === asynchronous);
printSample({ work: count, elapsedNs: nowNs() - startNs, check: String(sum) });
