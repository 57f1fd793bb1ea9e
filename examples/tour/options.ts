import { parseArgs } from "node:util";

export interface TourOptions {
  readonly serve: boolean;
  /** 0: any free port. */
  readonly port: number;
}

export const usage = `npm start                              a tour of under 30 s; exits 0 if everything healed
npm start -- --serve [--port <port>]   the service alone, on port 8080 or another, until Ctrl-C
`;

/** The command line was not understood: exit status 2. */
export class UsageError extends Error {}

/** Undefined: help was asked for. Throws `UsageError`. */
export function readOptions(args: readonly string[]): TourOptions | undefined {
  const { serve, port, help } = parsed(args);
  if (help) return undefined;
  if (port === undefined) return { serve, port: serve ? 8080 : 0 };
  if (!serve) throw new UsageError("--port goes with --serve: the tour takes any free port");
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65_535)
    throw new UsageError(`--port must be a whole number from 0 (any free port) to 65535, got "${port}"`);
  return { serve, port: number };
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        serve: { type: "boolean", default: false },
        port: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (problem) {
    throw new UsageError(problem instanceof Error ? problem.message : String(problem));
  }
}
