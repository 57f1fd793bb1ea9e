/** Messages of 100 bytes from a VM of one host to one of another, at most 4,000 in flight. First argument: `plain`, `tls` or `nats`. */
import { fileURLToPath } from "node:url";
import { bundle, createHost, type Ref } from "../../../src/index.ts";
import type { Throughput } from "../apps/throughput.ts";
import { askedCount, printSample } from "../contender.ts";
import { joinOther, quiet, wayOf } from "./joining.ts";

const image = await bundle(fileURLToPath(new URL("../apps/throughput.js", import.meta.url)));
const host = createHost({ log: quiet });
const other = await joinOther(host, wayOf(process.argv.at(-2)));
const vm = await host.boot(image, { args: ["b"] });
// The root of that program: its protocol is known from the module that was bundled.
const to = vm.root as Ref<never> as Ref<Throughput>;
const count = askedCount();
await host.self.callWithin(Infinity, to, "transfer", "small", Math.ceil(count / 10));
const { elapsedMs, sum } = await host.self.callWithin(Infinity, to, "transfer", "small", count);
await host.stop();
await other.close();
printSample({ work: count, elapsedNs: Math.round(elapsedMs * 1e6), check: String(sum) });
