/** One-way messages from one motes VM to another over a ring. First argument: the kind of message. The host sleeps. */
import { fileURLToPath } from "node:url";
import { bundle, createHost, type Ref } from "../../../src/index.ts";
import type { Throughput } from "../apps/throughput.ts";
import { askedCount, printSample } from "../contender.ts";
import { isKind } from "./payload.ts";

const kind = process.argv.at(-2);
if (!isKind(kind)) throw new Error(`the first argument must be fields, record or bytes, got ${kind}`);
const image = await bundle(fileURLToPath(new URL("../apps/throughput.js", import.meta.url)));
const host = createHost();
const vm = await host.boot(image);
// The root of that program: its protocol is known from the module that was bundled.
const to = vm.root as Ref<never> as Ref<Throughput>;
const count = askedCount();
await host.self.callWithin(Infinity, to, "transfer", kind, Math.ceil(count / 10));
const { elapsedMs, sum } = await host.self.callWithin(Infinity, to, "transfer", kind, count);
await host.stop();
printSample({ work: count, elapsedNs: Math.round(elapsedMs * 1e6), check: String(sum) });
