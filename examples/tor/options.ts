import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { TorOptions } from "./nodes.ts";

export const usage = `node dist/examples/tor/main.js [options]
  --relays <count>      2 of them exits, from 4 on. Default: 4
  --authorities <count> from 3 on. Default: 3
  --seconds <count>     how long relays are killed while pages are asked for. Default: 30
  --every <seconds>     from one kill to the next; 0: none. Default: 5
  --folder <path>       where keys are kept for the next time. Default: a new one, removed at the end
`;

/** The command line was not understood: exit status 2. */
export class UsageError extends Error {}

export interface RunOptions {
  readonly tor: TorOptions;
  /** The folder is this run's own, and goes with it. */
  readonly temporary: boolean;
}

/** Undefined: help was asked for. Makes the folder. Throws `UsageError`. */
export function readOptions(args: readonly string[]): RunOptions | undefined {
  const { help, folder, ...counts } = parsed(args);
  if (help === true) return undefined;
  const relays = count("--relays", counts.relays ?? "4", 4);
  const authorities = count("--authorities", counts.authorities ?? "3", 3);
  const unrestMs = 1000 * count("--seconds", counts.seconds ?? "30", 0);
  const killEveryMs = 1000 * count("--every", counts.every ?? "5", 0);
  if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const place = folder === undefined ? mkdtempSync(join(tmpdir(), "motes-tor-")) : resolve(folder);
  return {
    tor: { folder: place, relays, authorities, unrestMs, killEveryMs },
    temporary: folder === undefined,
  };
}

function count(option: string, text: string, min: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > 1000)
    throw new UsageError(`${option} must be a whole number from ${min} to 1000, got "${text}"`);
  return number;
}

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        relays: text,
        authorities: text,
        seconds: text,
        every: text,
        folder: text,
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (problem) {
    throw new UsageError(problem instanceof Error ? problem.message : String(problem));
  }
}
