/** Calls to a motes actor in the same kernel, one at a time, from a generator process. */
import { actor, behaviorOf, process as actorProcess, type Self } from "../../../kernel/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import { benchKernel } from "../kernel-platform.ts";

const server = actor({ init: () => ({ calls: 0 }), call: { echo: (_state, n: number) => n } });

function run(count: number): number {
  const result = { sum: 0, done: false };
  const kernel = benchKernel();
  const caller = actorProcess(function* (self: Self<never>) {
    const to = self.spawn(server);
    for (let n = 1; n <= count; n++) result.sum += yield* self.call(to, "echo", n);
    result.done = true;
  });
  kernel.spawn(behaviorOf(caller), [], null);
  while (!result.done) kernel.turn();
  return result.sum;
}

const count = askedCount();
run(Math.ceil(count / 10));
const startNs = nowNs();
const sum = run(count);
printSample({ work: count, elapsedNs: nowNs() - startNs, check: String(sum) });
