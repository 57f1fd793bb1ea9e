import { ControlClient } from "../control/client.ts";
import type { HostAbout } from "../control/operations.ts";
import { controlFolder, socketPaths } from "../control/place.ts";
import { srcError } from "../errors.ts";

export const hostArg = {
  type: "string",
  description: "The host to ask, by its name or process number. Default: the one that runs",
} as const;

/** A host that runs on this machine, and the way to ask it. */
export interface Reached {
  readonly about: HostAbout;
  readonly client: ControlClient;
}

/** All hosts of this user that answer. Close what you do not need. */
export async function reachAll(): Promise<readonly Reached[]> {
  const reached = await Promise.all(
    socketPaths(controlFolder(process.env)).map(async ({ path }) => {
      try {
        const client = await ControlClient.connect(path);
        // Sound: that is what `hostOperations` answers.
        return [{ client, about: (await client.ask("about")) as HostAbout }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    }),
  );
  return reached.flat();
}

/** Asks the host that `--host` names, or the only one. Throws `NO_HOST`, `HOST_UNKNOWN`, and what the host throws. */
export async function askHost(
  named: string | undefined,
  op: string,
  args: readonly unknown[] = [],
  next?: (value: unknown) => void,
): Promise<unknown> {
  const all = await reachAll();
  try {
    if (all.length === 0) throw srcError("NO_HOST", { folder: controlFolder(process.env) });
    const fits = all.filter(
      ({ about }) => named === undefined || about.name === named || String(about.pid) === named,
    );
    const [one] = fits;
    if (one === undefined || fits.length > 1)
      throw srcError("HOST_UNKNOWN", {
        host: named,
        known: all.map(({ about }) => `${about.name} (${about.pid})`),
      });
    return await one.client.ask(op, args, next);
  } finally {
    for (const { client } of all) client.close();
  }
}
