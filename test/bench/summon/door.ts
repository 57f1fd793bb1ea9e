/**
 * From the first byte of a request to the first byte of its answer, each to a service that has no VM yet. One at a time. First argument:
 * `cold`, or `warm` for a host that keeps blank VMs.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { runnable } from "../../../src/image/run.ts";
import { createHost, type Ref } from "../../../src/index.ts";
import type { Street } from "../apps/summon.ts";
import { setTimeout as elapse } from "node:timers/promises";
import { askedCount, nowNs, printSample } from "../contender.ts";

const isWarm = process.argv.at(-2) === "warm";
/** For the pool to be full again: it is filled when nothing else boots. */
const pauseMs = isWarm ? 400 : 0;
const host = createHost({ log: { line: () => {} }, ...(isWarm ? { warm: { vms: 2 } } : {}) });
const vm = await host.boot(await runnable(fileURLToPath(new URL("../apps/summon.js", import.meta.url)), {}));
// The root of that program: its protocol is known from the module that was bundled.
const street = vm.root as Ref<never> as Ref<Street>;
const { port } = await host.self.call(street, "address");

/** The connection is there before: what is measured is not TCP's. */
async function visit(name: string): Promise<{ readonly elapsedNs: number; readonly answered: boolean }> {
  await host.self.call(street, "build", name);
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  await elapse(pauseMs);
  const startNs = nowNs();
  socket.write(`GET / HTTP/1.1\r\nhost: ${name}\r\n\r\n`);
  const [bytes] = (await once(socket, "data")) as [Buffer];
  const elapsedNs = nowNs() - startNs;
  socket.destroy();
  await host.self.call(street, "raze", name);
  return { elapsedNs, answered: bytes.toString().endsWith("hello, world\n") };
}

const count = askedCount();
for (let i = 0; i < 3; i++) await visit(`warm-${i}`);
const visits: { readonly elapsedNs: number; readonly answered: boolean }[] = [];
for (let i = 0; i < count; i++) visits.push(await visit(`house-${i}`));
await host.stop();

const sorted = visits.map(({ elapsedNs }) => elapsedNs).sort((a, b) => a - b);
const medianMs = (sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) / 1e6;
printSample({
  work: count,
  elapsedNs: sorted.reduce((sum, ns) => sum + ns, 0),
  check: String(visits.filter(({ answered }) => answered).length),
  extra: { medianMs },
});
