/**
 * Messages from four VMs to one. First argument: `straight` or `service` for as many as go through, `replaced` for one replacement
 * in each 10,000 messages, which come at a pace, `idle` for the replacements alone.
 */
import { fileURLToPath } from "node:url";
import { bundle, createHost, type Ref } from "../../../src/index.ts";
import { senders, type ReplaceBench } from "../apps/replace.ts";
import { triangle } from "../bench.ts";
import { askedCount, printSample } from "../contender.ts";

const how = process.argv.at(-2) ?? "";
const image = await bundle(fileURLToPath(new URL("../apps/replace.js", import.meta.url)));
const host = createHost({ log: { line: () => {} } });
const vm = await host.boot(image, { args: [how !== "straight"] });
// The root of that program: its protocol is known from the module that was bundled.
const to = vm.root as Ref<never> as Ref<ReplaceBench>;
const asked = askedCount();
const replaces = how === "replaced" || how === "idle";
const paceMs = how === "replaced" ? 30 : 0;
const warmUp = how === "idle" ? 0 : senders * Math.ceil(asked / (senders * 20));
const before = await host.self.callWithin(Infinity, to, "run", warmUp, replaces ? 3 : 0, 0);
const count = how === "idle" ? 0 : asked;
const replacements = replaces ? Math.max(1, Math.round(asked / 10_000)) : 0;
const result = await host.self.callWithin(Infinity, to, "run", count, replacements, paceMs);
await host.stop();

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
const pauses = [...result.pausesMs].sort((a, b) => a - b);
const whole = [...result.replacementsMs].sort((a, b) => a - b);
const begun = warmUp / senders;
const expected = senders * (triangle(begun + count / senders) - triangle(begun));
if (result.sum - before.sum !== expected) throw new Error(`${result.sum - before.sum}, not ${expected}`);
printSample({
  work: asked,
  elapsedNs: Math.round(result.elapsedMs * 1e6),
  check: String(asked),
  extra: {
    pauseP50Ms: at(pauses, 0.5),
    pauseP99Ms: at(pauses, 0.99),
    pauseMaxMs: pauses.at(-1) ?? 0,
    replacementP50Ms: at(whole, 0.5),
  },
});
