import { dirname } from "node:path";
import { loadCloud } from "../../cloud/local/load.ts";
import type { LocalCloud } from "../../cloud/local/local-cloud.ts";
import type { Operation } from "../../control/server.ts";

/** What an order to a cloud has led to. */
export interface Ordered {
  readonly converged: boolean;
  readonly status: ReturnType<LocalCloud["status"]>;
}

/** What a host that runs a cloud can be asked, beside what any host can. */
export const cloudOperations = (cloud: LocalCloud, down: () => void): Readonly<Record<string, Operation>> => {
  const outcome = async (timeoutMs: unknown): Promise<Ordered> => ({
    converged: await cloud.settled(Number(timeoutMs)),
    status: cloud.status(),
  });
  return {
    "cloud.status": () => cloud.status(),
    "cloud.events": (follow) => (follow === true ? cloud.watch() : [...cloud.events]),
    "cloud.scale": async (role, count, timeoutMs) => {
      await cloud.scale(String(role), Number(count));
      return outcome(timeoutMs);
    },
    /** The file is read here: its programs' sources are found from it. */
    "cloud.declare": async (file, timeoutMs) => {
      await cloud.declare(await loadCloud(String(file)), dirname(String(file)));
      return outcome(timeoutMs);
    },
    "cloud.down": () => {
      down();
      return cloud.status();
    },
  };
};
