import { process, type ProtocolOf, type Ref, type Self, type Wait } from "motes";
import { connectThrough, get } from "./socks.ts";
import type { tally } from "./tally.ts";
import { greeting } from "./web.ts";

export const requestTimeoutMs = 15_000;
const pauseMs = 200;

/** Asks for a page through the network, again and again, whatever happens to the relays. */
export const visitor = process(
  function* (
    self: Self<never>,
    to: Target,
    counts: Ref<ProtocolOf<typeof tally>>,
  ): Generator<Wait<unknown>, void, unknown> {
    for (;;) {
      const began = self.now();
      try {
        yield* self.until(visit(to, self.signal));
        self.cast(counts, "answered", self.now() - began);
      } catch (problem) {
        self.cast(counts, "failed", problem instanceof Error ? problem.message : String(problem));
      }
      yield* self.sleep(pauseMs);
    }
  },
  { label: "visitor" },
);

export interface Target {
  readonly socksPort: number;
  readonly webPort: number;
}

/** One request. `during`: what to look at while its stream is open. */
export async function visit<T>(
  { socksPort, webPort }: Target,
  owner: AbortSignal,
  during?: () => Promise<T>,
): Promise<T | undefined> {
  const signal = AbortSignal.any([owner, AbortSignal.timeout(requestTimeoutMs)]);
  const socket = await connectThrough(socksPort, webPort, signal);
  try {
    const seen = await during?.();
    const text = await get(socket, "/");
    if (!text.endsWith(greeting))
      throw new Error(`an answer that is none: ${JSON.stringify(text.slice(0, 80))}`);
    return seen;
  } finally {
    socket.destroy();
  }
}
