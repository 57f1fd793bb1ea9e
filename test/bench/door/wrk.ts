/**
 * The load generator of the door's bench: `wrk`, which is C and takes less of a core than what it asks. Where it is not installed
 * a contender is skipped.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Program } from "../bench.ts";

const run = promisify(execFile);
const connections = 64;

export interface Load {
  readonly requests: number;
  readonly elapsedNs: number;
  /** Connections that broke, and answers that were no success. */
  readonly failed: number;
}

export async function load(port: number, durationSeconds: number): Promise<Load> {
  const url = `http://127.0.0.1:${port}/`;
  const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${durationSeconds}s`, url]);
  const [, requests = "", seconds = ""] = /(\d+) requests in ([\d.]+)s/.exec(stdout) ?? [];
  if (requests === "") throw new Error(`wrk said what is not understood here:\n${stdout}`);
  const [, errors = ""] = /Socket errors: (.*)/.exec(stdout) ?? [];
  const [, refused = "0"] = /Non-2xx or 3xx responses: (\d+)/.exec(stdout) ?? [];
  const broken = (errors.match(/\d+/g) ?? []).map(Number);
  const failed = broken.reduce((sum, count) => sum + count, Number(refused));
  return { requests: Number(requests), elapsedNs: Number(seconds) * 1e9, failed };
}

export function withWrk(program: Program): Program {
  return {
    prepare: async (directory) => {
      // Without arguments it says how it is used, and that this is an error.
      const found = await run("wrk").catch((error: NodeJS.ErrnoException) => error);
      if ("code" in found && found.code === "ENOENT") return { skipped: "wrk not found (npm run setup)" };
      return program.prepare(directory);
    },
  };
}
