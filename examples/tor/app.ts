import { child, supervisor, unikernel } from "motes";
import { authorities, relays, tor } from "./network.ts";
import { client, type TorOptions } from "./nodes.ts";
import { state } from "./state.ts";
import { story } from "./story.ts";
import { tally } from "./tally.ts";
import { watch } from "./watch.ts";
import { web } from "./web.ts";

/**
 * A Tor network of its own on 127.0.0.1: every tor a real process that is owned by an actor, all under one tree in one VM.
 *
 *     network
 *     |-- watch         hears what they print
 *     |-- state         folders, keys, configuration
 *     |-- authorities   auth0, auth1, auth2
 *     |-- relays        relay0, relay1, ...
 *     |-- client
 *     |-- web           a page to ask for
 *     |-- tally         counts
 *     `-- story         asks, kills, and ends it all when it is told
 */
export const network = supervisor(
  (_self, options: TorOptions) => {
    const watching = child(watch, []);
    const files = child(state, (siblings) => [options, siblings.refOf(watching)]);
    const page = child(web, []);
    const counts = child(tally, []);
    const others = child(relays, (siblings) => [options, siblings.refOf(watching)]);
    return {
      // What is killed comes back one level below. What ends here, or cannot be kept there, is the end.
      intensity: { restarts: 0, withinMs: 1000 },
      autoShutdown: "any_significant" as const,
      children: {
        watch: watching,
        state: files,
        authorities: child(authorities, (siblings) => [options, siblings.refOf(watching)]),
        relays: others,
        client: child(tor, (siblings) => [options, client, siblings.refOf(watching)]),
        web: page,
        tally: counts,
        story: child(
          story,
          ({ refOf }) => [
            options,
            {
              watch: refOf(watching),
              state: refOf(files),
              web: refOf(page),
              tally: refOf(counts),
              relays: refOf(others),
            },
          ],
          { restart: "transient", significant: true },
        ),
      },
    };
  },
  { label: "network" },
);

export default unikernel({
  name: "tor",
  root: network,
  args: [{ folder: "/tmp/motes-tor", authorities: 3, relays: 4, unrestMs: 30_000, killEveryMs: 5000 }],
  devices: ["spawn", "store", "listen", "connect"],
});
