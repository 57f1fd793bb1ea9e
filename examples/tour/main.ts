/**
 * `npm start`: a bounded tour of motes. It starts the key-value service, breaks it in three ways while it serves, and shows what
 * heals, and how fast; or, with `--serve`, leaves the service up. Exit status: 0 all went well, 1 it did not, 2 unknown option.
 */
import { readOptions, usage, UsageError } from "./options.ts";
import { say } from "./print.ts";
import { serve } from "./serve.ts";
import { tour } from "./tour.ts";

/** A multiple of what it takes, also on a machine that has other things to do. */
const tourLimitMs = 120_000;

async function main(args: readonly string[]): Promise<boolean> {
  const options = readOptions(args);
  if (options === undefined) {
    say(usage.trimEnd());
    return true;
  }
  if (options.serve) return serve(options.port);
  // Whatever hangs: the tour ends, and says that it did not go well.
  const limit = setTimeout(() => {
    process.stderr.write(`the tour was not over within ${tourLimitMs} ms\n`);
    process.exit(1);
  }, tourLimitMs);
  const ok = await tour();
  clearTimeout(limit);
  return ok;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (problem) {
  const misused = problem instanceof UsageError;
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  if (misused) process.stderr.write(usage);
  process.exit(misused ? 2 : 1);
}
