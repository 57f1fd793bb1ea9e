/** Two motes VMs over a ring, one message in flight. `sleep`: nobody spins, so both sleep between messages; `process`, `wasm`: what they are. The host sleeps. */
import { fileURLToPath } from "node:url";
import { bundle, createHost, processTarget, wasm, type Ref } from "../../../src/index.ts";
import type { PingPong } from "../apps/pingpong.ts";
import { askedCount, printSample } from "../contender.ts";

const image = await bundle(fileURLToPath(new URL("../apps/pingpong.js", import.meta.url)));
const host = createHost({
  ...(process.argv.includes("sleep") ? { cores: 0 } : {}),
  ...(process.argv.includes("process") ? { target: processTarget } : {}),
  ...(process.argv.includes("wasm") ? { target: wasm } : {}),
});
const vm = await host.boot(image);
// The root of that program: its protocol is known from the module that was bundled.
const to = vm.root as Ref<never> as Ref<PingPong>;
const count = askedCount();
await host.self.callWithin(Infinity, to, "play", Math.ceil(count / 10));
const { elapsedMs, sum } = await host.self.callWithin(Infinity, to, "play", count);
await host.stop();
printSample({ work: count, elapsedNs: Math.round(elapsedMs * 1e6), check: String(sum) });
