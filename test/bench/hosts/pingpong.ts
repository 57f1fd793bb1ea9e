/** A VM of one host and one of another, one message in flight. First argument: `plain`, `tls` or `nats`. */
import { fileURLToPath } from "node:url";
import { bundle, createHost, type Ref } from "../../../src/index.ts";
import type { PingPong } from "../apps/pingpong.ts";
import { askedCount, printSample } from "../contender.ts";
import { joinOther, quiet, wayOf } from "./joining.ts";

const image = await bundle(fileURLToPath(new URL("../apps/pingpong.js", import.meta.url)));
const host = createHost({ log: quiet });
const other = await joinOther(host, wayOf(process.argv.at(-2)));
const vm = await host.boot(image, { args: ["b"] });
// The root of that program: its protocol is known from the module that was bundled.
const to = vm.root as Ref<never> as Ref<PingPong>;
const count = askedCount();
await host.self.callWithin(Infinity, to, "play", Math.ceil(count / 10));
const { elapsedMs, sum } = await host.self.callWithin(Infinity, to, "play", count);
await host.stop();
await other.close();
printSample({ work: count, elapsedNs: Math.round(elapsedMs * 1e6), check: String(sum) });
