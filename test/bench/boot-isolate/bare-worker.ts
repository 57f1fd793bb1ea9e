/**
 * The floor of booting an isolate: `new Worker` of a file that posts one message, from the call to that message.
 * Boots one at a time; the end of each worker is waited for outside the measured time.
 */
import { once } from "node:events";
import { parentPort, isMainThread, Worker } from "node:worker_threads";
import { askedCount, nowNs, printSample } from "../contender.ts";

async function boot(): Promise<{ readonly elapsedNs: number; readonly said: number }> {
  const startNs = nowNs();
  const worker = new Worker(new URL(import.meta.url));
  const ended = once(worker, "exit");
  const [said] = (await once(worker, "message")) as [number];
  const elapsedNs = nowNs() - startNs;
  await ended;
  return { elapsedNs, said };
}

async function main(): Promise<void> {
  const count = askedCount();
  for (let i = 0; i < 3; i++) await boot();
  const times: number[] = [];
  let booted = 0;
  for (let i = 0; i < count; i++) {
    const each = await boot();
    times.push(each.elapsedNs);
    booted += each.said;
  }
  const elapsedNs = times.reduce((sum, ns) => sum + ns, 0);
  const medianMs = (times.sort((a, b) => a - b)[Math.floor(count / 2)] ?? Number.NaN) / 1e6;
  printSample({ work: count, elapsedNs, check: String(booted), extra: { medianMs } });
}

if (isMainThread) await main();
else parentPort?.postMessage(1);
