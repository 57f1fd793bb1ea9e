/**
 * A private Tor network under supervision: boots `app.ts` on a host of its own, and prints what it came to. Exit status: 0 all went
 * well, 1 it did not, 2 the command line was not understood, 130 it was interrupted.
 */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle, createHost, reasonText, type Host, type LogLine } from "motes";
import type app from "./app.ts";
import type { TorOptions } from "./nodes.ts";
import { readOptions, UsageError, usage } from "./options.ts";
import { isWell, reportLines } from "./report.ts";
import type { Report } from "./tally.ts";

const bootTimeoutMs = 120_000;

const began = performance.now();

const stamped = (text: string): string =>
  `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}\n`;

const say = (text: string): void => void process.stdout.write(stamped(text));

/** What the VM prints; what its supervisors report goes beside it. */
const log = {
  line: (_vm: string, { level, text }: LogLine) => {
    if (level === "info") say(text);
    else if (level !== "debug") process.stderr.write(stamped(text));
  },
};

async function run(host: Host, options: TorOptions): Promise<Report> {
  const image = await bundle<typeof app>(fileURLToPath(new URL("app.js", import.meta.url)));
  const vm = await host.boot(image, { args: [options], bootTimeoutMs });
  const { tally } = await host.self.call(vm.root, "children");
  const report = await Promise.race([
    host.self.callWithin(Infinity, tally, "report"),
    vm.ended.then((reason) => {
      throw new Error(`the network has ended: ${reasonText(reason)}`);
    }),
  ]);
  // The story is over, and ends the rest in order.
  await vm.ended;
  return report;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const host = createHost({ log });
  const interrupted = new Promise<undefined>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(undefined));
  });
  try {
    const report = await Promise.race([run(host, options.tor), interrupted]);
    if (report === undefined) return 130;
    for (const line of reportLines(report)) say(line);
    return isWell(report) ? 0 : 1;
  } finally {
    await host.stop();
    if (options.temporary) rmSync(options.tor.folder, { recursive: true, force: true });
    say("stopped");
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (problem) {
  const misused = problem instanceof UsageError;
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  if (misused) process.stderr.write(usage);
  process.exitCode = misused ? 2 : 1;
}
