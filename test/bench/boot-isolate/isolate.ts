/** From `boot` to the root supervisor's ready, one VM at a time; each VM's end is waited for outside the measured time. `process`: it is a process. */
import { fileURLToPath } from "node:url";
import { bundle, createHost, processTarget } from "../../../src/index.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

const image = await bundle(fileURLToPath(new URL("../apps/boot.js", import.meta.url)));
const host = createHost(process.argv.includes("process") ? { target: processTarget } : {});
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
