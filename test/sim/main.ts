/**
 * `npm run sim -- [--app NAME] [--seed N] [--seeds COUNT] [--trace]`: the programs of `apps.ts`, and `cloud`, a small cloud, under the faults of
 * many seeds.
 * Ends with status 1 at the first seed that fails, after saying how to repeat it.
 */
import { parseArgs } from "node:util";
import { apps, farApps } from "./apps.ts";
import { runSmall } from "../src/cloud/simulation/small-world.ts";
import { runSeed } from "./seed.ts";

const cloud = "cloud";

/** Throws what was wrong. */
function runCloud(seed: number): void {
  const { violations, converged } = runSmall(seed);
  if (!converged) throw new Error("it has not converged");
  if (violations.length > 0) throw new Error(violations.join("; "));
}

const { values } = parseArgs({
  options: {
    app: { type: "string" },
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
  },
});
const names =
  values.app === undefined ? [...Object.keys(apps), ...Object.keys(farApps), cloud] : [values.app];
const first = Number(values.seed);
const count = Number(values.seeds);
const startedMs = performance.now();
let signals = 0;
let runs = 0;
let failed = false;

for (let seed = first; seed < first + count && !failed; seed++) {
  for (const name of names) {
    try {
      if (name === cloud) {
        runCloud(seed);
        runs++;
        continue;
      }
      const result = await runSeed(name, seed, values.trace ? { traceLines: 1_000_000 } : {});
      signals += result.signals;
      runs++;
      if (values.trace) console.log(result.trace.join("\n"));
      if (count === 1)
        console.log(`${name} seed ${seed}: ${result.signals} signals, signature ${result.signature}`);
    } catch (problem) {
      console.error(`${name} seed ${seed}: ${problem instanceof Error ? problem.message : String(problem)}`);
      failed = true;
      break;
    }
  }
}
const seconds = (performance.now() - startedMs) / 1000;
console.log(
  `${runs} runs of ${names.join(", ")} (seeds ${first} to ${first + count - 1}), ${signals.toLocaleString("en")} signals in ${seconds.toFixed(1)} s: ${Math.round(signals / seconds).toLocaleString("en")} a second`,
);
process.exitCode = failed ? 1 : 0;
