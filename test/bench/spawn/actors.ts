/** Idle motes actors in one kernel, each with a state of its own. Collects garbage before the clock and after it. */
import {
  actor,
  behaviorOf,
  process as actorProcess,
  selfOf,
  type Kernel,
  type Self,
} from "../../../kernel/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import { benchKernel } from "../kernel-platform.ts";

const sum = { of: 0 };

const idle = actor({
  init: (_self, n: number) => {
    sum.of += n;
    return { n };
  },
  call: { get: (state) => state.n },
});

function spawnAll(kernel: Kernel, count: number): void {
  const spawner = actorProcess(function* (self: Self<never>) {
    for (let n = 1; n <= count; n++) self.spawn(idle, n);
    yield* self.receive();
  });
  kernel.spawn(behaviorOf(spawner), [], null);
  kernel.turn();
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const count = askedCount();
spawnAll(benchKernel(), Math.ceil(count / 10));
sum.of = 0;
const kernel = benchKernel();
const beforeBytes = heapBytes();
const startNs = nowNs();
spawnAll(kernel, count);
const elapsedNs = nowNs() - startNs;
const bytesEach = (heapBytes() - beforeBytes) / count;
printSample({ work: count, elapsedNs, check: String(sum.of), extra: { bytesEach } });
// The actors live until here.
if (selfOf(kernel.spawn(behaviorOf(idle), [0], null)).ref.vm !== 1) throw new Error("the kernel is gone");
