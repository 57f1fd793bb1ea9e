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
  let elapsedNs = 0;
  let booted = 0;
  for (let i = 0; i < count; i++) {
    const each = await boot();
    elapsedNs += each.elapsedNs;
    booted += each.said;
  }
  printSample({ work: count, elapsedNs, check: String(booted) });
}

if (isMainThread) await main();
else parentPort?.postMessage(1);
