/** From `boot` to the root supervisor's ready, one VM at a time; each VM's end is waited for outside the measured time. `process`, `wasm`: it is one of these. */
import { fileURLToPath } from "node:url";
import { bundle, createHost, isolate, processTarget, wasm } from "../../../src/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

const image = await bundle(fileURLToPath(new URL("../apps/boot.js", import.meta.url)));
const target = [processTarget, wasm].find(({ name }) => process.argv.includes(name)) ?? isolate;
const host = createHost({ target });
const count = askedCount();
let elapsedNs = 0;
for (let i = -3; i < count; i++) {
  const startNs = nowNs();
  const vm = await host.boot(image);
  if (i >= 0) elapsedNs += nowNs() - startNs;
  await vm.stop();
}
await host.stop();
printSample({ work: count, elapsedNs, check: String(count) });
