/**
 * The ceiling of two threads that talk through memory: one word each way in a SharedArrayBuffer, no codec, no queue.
 *
 * First argument: `spin` (neither side ever sleeps) or `sleep` (both sleep between messages: what the machine takes
 * to wake a thread).
 */
import { Worker, workerData } from "node:worker_threads";
import { askedCount, nowNs, printSample } from "../contender.ts";

type Words = Int32Array<SharedArrayBuffer>;
type Mode = "spin" | "sleep";
/** 64 words apart: no two indices share a cache line. */
const PING = 0;
const PONG = 64;

function put(words: Words, at: number, value: number, mode: Mode): void {
  Atomics.store(words, at, value);
  if (mode === "sleep") Atomics.notify(words, at);
}

function take(words: Words, at: number, previous: number, mode: Mode): number {
  for (;;) {
    const value = Atomics.load(words, at);
    if (value !== previous) return value;
    if (mode === "sleep") Atomics.wait(words, at, previous);
  }
}

function pong({ words, mode }: { readonly words: Words; readonly mode: Mode }): never {
  for (let n = 0; ; ) {
    n = take(words, PING, n, mode);
    put(words, PONG, n, mode);
  }
}

function rally(words: Words, from: number, count: number, mode: Mode): number {
  let sum = 0;
  for (let n = from; n < from + count; n++) {
    put(words, PING, n, mode);
    sum += take(words, PONG, n - 1, mode) - from + 1;
  }
  return sum;
}

function main(): void {
  const mode: Mode = process.argv.at(-2) === "sleep" ? "sleep" : "spin";
  const count = askedCount();
  const warm = Math.ceil(count / 10);
  const words = new Int32Array(new SharedArrayBuffer(4 * 128));
  new Worker(new URL(import.meta.url), { workerData: { words, mode } });
  rally(words, 1, warm, mode);
  const startNs = nowNs();
  const sum = rally(words, warm + 1, count, mode);
  printSample({ work: count, elapsedNs: nowNs() - startNs, check: String(sum) });
  process.exit();
}

if (workerData === null) main();
else pong(workerData as { words: Words; mode: Mode });
