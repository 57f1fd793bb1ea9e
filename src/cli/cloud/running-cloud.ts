import { reachAll } from "../named-host.ts";

/**
 * Asks a host of this machine that takes part in this cloud, of this name if one is given. Undefined: there is none. Throws what the host
 * throws.
 */
export async function askRunning(
  cloud: string,
  host: string | undefined,
  op: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const all = await reachAll();
  try {
    const one = all.find(({ about }) => about.cloud === cloud && (host === undefined || about.name === host));
    return await one?.client.ask(op, args);
  } finally {
    for (const { client } of all) client.close();
  }
}
