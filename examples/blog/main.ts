/**
 * The blog that goes viral: `node dist/examples/blog/main.js [--short] [--picture <file>]`. Exit status: 0 all of it was as promised,
 * 1 it was not, 2 unknown option.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { posts } from "./posts.ts";
import { read } from "./readers.ts";
import { show, type Plan } from "./show.ts";

const long = { rampMs: 4000, readers: [1, 8, 32, 64, 16], callsPerVm: 8, downAfterMs: 2000, idleMs: 2000 };
const short = { rampMs: 600, readers: [2, 24, 32], callsPerVm: 2, downAfterMs: 300, idleMs: 300 };

/** Undefined: the command line was not understood, and that was said. */
function planOf(args: readonly string[]): Plan | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        short: { type: "boolean", default: false },
        picture: { type: "string", default: "blog.svg" },
      },
    });
    return { ...(values.short ? short : long), picture: values.picture };
  } catch (problem) {
    process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
    process.stderr.write("node dist/examples/blog/main.js [--short] [--picture <file>]\n");
    return undefined;
  }
}

const [first, origin = "", ...rest] = process.argv.slice(2);
if (first === "--readers" && rest.length === 0) await read(origin, [...posts.keys()]);
else {
  const plan = planOf(process.argv.slice(2));
  if (plan === undefined) process.exitCode = 2;
  else process.exitCode = (await show(fileURLToPath(import.meta.url), plan)) ? 0 : 1;
}
