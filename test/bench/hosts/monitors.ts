/** A VM that monitors many actors of another host, when that host is killed. */
import { fileURLToPath } from "node:url";
import { bundle, createHost, type Ref } from "../../../src/index.ts";
import type { Told, Watcher } from "../apps/monitors.ts";
import { askedCount, printSample } from "../contender.ts";
import { triangle } from "../bench.ts";
import { joinOther, quiet } from "./joining.ts";

const image = await bundle(fileURLToPath(new URL("../apps/monitors.js", import.meta.url)));
const host = createHost({ log: quiet });
const other = await joinOther(host, "plain");
const vm = await host.boot(image);
// The root of that program: its protocol is known from the module that was bundled.
const to = vm.root as Ref<never> as Ref<Watcher>;
const count = askedCount();
await host.self.callWithin(Infinity, to, "watch", count);
other.child.kill("SIGKILL");
let told: Told | undefined;
while (told === undefined) told = await host.self.call(to, "told");
await other.close();
await host.stop();
const check = String(triangle(told.count));
printSample({ work: count, elapsedNs: Math.max(1, Math.round(told.elapsedMs * 1e6)), check });
