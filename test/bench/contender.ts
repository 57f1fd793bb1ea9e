/**
 * The two ends of a JavaScript contender: reads the amount of work, prints the sample. It measures nothing itself.
 */
import type { Sample } from "./bench.ts";

/** The amount of work asked for, which is always the last argument. */
export function askedCount(): number {
  const count = Number(process.argv.at(-1));
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new Error(`the last argument must be the amount of work, got ${process.argv.at(-1)}`);
  }
  return count;
}

export function nowNs(): number {
  return Math.round(performance.now() * 1e6);
}

export function printSample(sample: Sample): void {
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}
