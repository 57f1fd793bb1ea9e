import { createServer } from "node:net";

/**
 * Below the range that the system takes from for outgoing connections: a port from up there that was free a moment ago may be
 * somebody's when a relay wants to listen.
 */
const first = 10_000;
const last = 32_000;

/** Different ones on 127.0.0.1 that nobody listens on, found from a place that `random` (in [0, 1)) chooses. */
export async function freePorts(count: number, random: number): Promise<readonly number[]> {
  const found: number[] = [];
  const start = Math.floor(random * (last - first));
  for (let tried = 0; found.length < count; tried++) {
    if (tried > last - first) throw new Error(`there are no ${count} free ports from ${first} to ${last}`);
    const port = first + ((start + tried) % (last - first));
    if (await isFree(port)) found.push(port);
  }
  return found;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
