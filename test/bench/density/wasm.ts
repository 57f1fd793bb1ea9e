/**
 * `wasm`, `wasm-packed`: so many of these VMs at once, each with the real kernel and a supervised actor that has answered a call: what one weighs,
 * how long a call to all of them takes, and what they cost while nobody calls.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as elapse } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bundle, createHost, wasm, wasmInstance, wasmPacked } from "../../../src/index.ts";
import type app from "../apps/boot.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

/** VMs that boot at a time. */
const wave = 32;
/** What boots and calls leave to garbage collectors is not idling. */
const settleMs = 3000;
const idleMs = 5000;

const image = await bundle<typeof app>(fileURLToPath(new URL("../apps/boot.js", import.meta.url)));
const count = askedCount();
const target = [wasmPacked, wasmInstance].find(({ name }) => process.argv.includes(name)) ?? wasm;
const host = createHost({ target, vmsMax: count + availableParallelism() });
// The threads, and what is compiled or loaded once, are no VM's.
const threads = Array.from({ length: availableParallelism() }, () => host.boot(image, { memoryMb: 8 }));
for (const vm of await Promise.all(threads)) await vm.stop();
const emptyBytes = residentBytes();
const startNs = nowNs();
const counters: Awaited<ReturnType<typeof bootOne>>[] = [];
for (let from = 0; from < count; from += wave) {
  const some = Array.from({ length: Math.min(wave, count - from) }, bootOne);
  counters.push(...(await Promise.all(some)));
}
const elapsedNs = nowNs() - startNs;
const bytes = (residentBytes() - emptyBytes) / count;
const calledNs = nowNs();
const answers = await Promise.all(counters.map((counter) => host.self.callWithin(60_000, counter, "get")));
const broadcastMs = (nowNs() - calledNs) / 1e6;
await elapse(settleMs);
const before = process.cpuUsage();
await elapse(idleMs);
const { user, system } = process.cpuUsage(before);
printSample({
  work: count,
  elapsedNs,
  check: String(answers.length),
  extra: { bytes, broadcastMs, idlePercent: ((user + system) / 1000 / idleMs) * 100 },
});
// Ending each in turn would be measured by nobody.
process.exit(0);

async function bootOne() {
  const { root } = await host.boot(image, { memoryMb: 8, bootTimeoutMs: 60_000, watchdogMs: 5000 });
  const { counter } = await host.self.callWithin(60_000, root, "children");
  await host.self.callWithin(60_000, counter, "get");
  return counter;
}

/** Of the whole process, as the kernel counts it: a page that many VMs share is one. */
function residentBytes(): number {
  const [, kb = "0"] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/smaps_rollup", "utf8")) ?? [];
  return Number(kb) * 1024;
}
