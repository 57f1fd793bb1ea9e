/**
 * From `boot` to the root supervisor's ready, one VM at a time; each VM's end is waited for outside the measured time. `process`, `wasm`,
 * `wasm-packed`, `wasm-instance`: it is one of these. `blank`: of one that the host keeps ready; `primed`: of one that has run the program's top level.
 */
import { setTimeout as elapse } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  bundle,
  createHost,
  isolate,
  processTarget,
  wasm,
  wasmInstance,
  wasmPacked,
} from "../../../src/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

const image = await bundle(fileURLToPath(new URL("../apps/boot.js", import.meta.url)));
const target =
  [processTarget, wasm, wasmInstance, wasmPacked].find(({ name }) => process.argv.includes(name)) ?? isolate;
const isPrimed = process.argv.includes("primed");
const isWarm = isPrimed || process.argv.includes("blank");
// Only a VM that is given nothing is primed.
const host = createHost({ target, ...(isWarm ? { warm: { vms: 1, env: !isPrimed } } : {}) });
const options = isPrimed ? { devices: [] } : {};
const count = askedCount();
let elapsedNs = 0;
for (let i = -3; i < count; i++) {
  const ready = !isWarm ? 0 : isPrimed && i > -3 ? 2 : 1;
  while (host.blanks < ready) await elapse(5);
  const startNs = nowNs();
  const vm = await host.boot(image, options);
  if (i >= 0) elapsedNs += nowNs() - startNs;
  await vm.stop();
}
await host.stop();
printSample({ work: count, elapsedNs, check: String(count) });
