import { ControlClient } from "../control/client.ts";
import type { HostAbout } from "../control/operations.ts";
import { controlFolder, socketPaths } from "../control/place.ts";
import { srcError } from "../errors.ts";

export const hostArg = {
  type: "string",
  description:
    "The host to ask, by its name or process number; also one that a host here has joined. Default: the one that runs",
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

/** Asks for an operation, with its arguments. Throws what the host throws. */
export type Asks = (op: string, args?: readonly unknown[]) => Promise<unknown>;

/** A host that can be asked, and by which one of this machine. */
export interface Chosen {
  readonly ask: Asks;
  readonly client: ControlClient;
  /** Its name, if it is asked by way of the one that `client` leads to. */
  readonly elsewhere: string | undefined;
  close(): void;
}

/** The host that `--host` names, the only one, or one that a host here has joined. Throws `NO_HOST`, `HOST_UNKNOWN`. */
export async function chooseHost(named: string | undefined): Promise<Chosen> {
  const all = await reachAll();
  const close = (): void => {
    for (const { client } of all) client.close();
  };
  const here = all.filter(
    ({ about }) => named === undefined || about.name === named || String(about.pid) === named,
  );
  const [one] = here;
  if (one !== undefined && here.length === 1) {
    const { client } = one;
    return { client, elsewhere: undefined, ask: (op, args) => client.ask(op, args), close };
  }
  const by = all.find(({ about }) => about.joined.some(({ name }) => name === named));
  if (by !== undefined && here.length === 0) {
    const { client } = by;
    const ask: Asks = (op, args = []) => client.ask("elsewhere", [named, op, args]);
    return { client, elsewhere: named, ask, close };
  }
  close();
  if (all.length === 0) throw srcError("NO_HOST", { folder: controlFolder(process.env) });
  const known = all.flatMap(({ about }) => [
    `${about.name} (${about.pid})`,
    ...about.joined.map(({ name }) => name),
  ]);
  throw srcError("HOST_UNKNOWN", { host: named, known: [...new Set(known)] });
}

/** Asks it. Throws as `chooseHost`, and what the host throws. */
export async function askHost(
  named: string | undefined,
  op: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const { ask, close } = await chooseHost(named);
  try {
    return await ask(op, args);
  } finally {
    close();
  }
}
