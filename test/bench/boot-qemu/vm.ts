/**
 * From `boot` to the root supervisor's ready, one hardware VM at a time; each VM's end is waited for outside the measured time.
 * `cold`: each boots its kernel by itself, else it goes on from a template, which is made before.
 */
import { fileURLToPath } from "node:url";
import { bundle, createHost, qemuTarget } from "../../../src/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

const image = await bundle(fileURLToPath(new URL("../apps/boot.js", import.meta.url)));
const host = createHost({ target: qemuTarget({ clones: !process.argv.includes("cold") }) });
const count = askedCount();
let elapsedNs = 0;
for (let i = -1; i < count; i++) {
  const startNs = nowNs();
  const vm = await host.boot(image, { bootTimeoutMs: 120_000 });
  if (i >= 0) elapsedNs += nowNs() - startNs;
  await vm.stop();
}
await host.stop();
printSample({ work: count, elapsedNs, check: String(count) });
