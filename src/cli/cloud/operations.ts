import { asCloud } from "../../cloud/cloud.ts";
import type { LocalCloud } from "../../cloud/local/local-cloud.ts";
import { valueOf } from "../../cloud/shared/json.ts";
import type { Operation } from "../../control/server.ts";

/** What an order to a cloud has led to. */
export interface Ordered {
  readonly converged: boolean;
  readonly status: ReturnType<LocalCloud["status"]>;
}

type Kept = Pick<LocalCloud, "declare" | "scale" | "settled" | "status" | "events" | "watch">;

/** What a host that runs a cloud can be asked, beside what any host can. */
export const cloudOperations = (cloud: Kept, down: () => void): Readonly<Record<string, Operation>> => {
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
    /** The cloud as whoever asks has read it, as a text, and where its programs' sources are found from. */
    "cloud.declare": async (text, folder, timeoutMs) => {
      await cloud.declare(asCloud(valueOf(String(text)), "what was sent"), String(folder));
      return outcome(timeoutMs);
    },
    "cloud.down": () => {
      down();
      return cloud.status();
    },
  };
};
