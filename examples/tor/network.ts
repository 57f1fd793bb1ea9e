import { child, supervisor, type Child, type Ref } from "motes";
import { port, type PortLine, type PortProtocol } from "motes/port";
import { authoritiesOf, relaysOf, type Node, type TorOptions } from "./nodes.ts";
import { torArgs } from "./state.ts";

type Log = Ref<PortLine>;

/** One tor: a process that is owned by an actor. It is ready when it listens for votes, or for programs; a relay when it runs. */
export const tor = port((options: TorOptions, node: Node, subscriber: Log) => ({
  command: "tor",
  args: torArgs(options, node),
  name: node.name,
  subscriber,
  ready: readyBy[node.role],
}));

const opened = (what: string) => ({ line: new RegExp(`Opened ${what} listener connection \\(ready\\)`) });

const readyBy = {
  // A relay that finds no authority to tell of itself tries again after a minute.
  authority: opened("Directory"),
  client: opened("Socks"),
  exit: "started",
  relay: "started",
  lean: "started",
} as const;

/** One that comes and goes is waited for, longer each time. */
const backoff = { firstMs: 100, maxMs: 10_000 };

const keep = (options: TorOptions, node: Node, log: Log): Child<PortProtocol> =>
  child(tor, [options, node, log], { backoff });

const kept = (nodes: readonly Node[], options: TorOptions, log: Log) => ({
  intensity: { restarts: 10, withinMs: 10_000 },
  children: nodes.map((node) => [node.name, keep(options, node, log)] as const),
});

export const authorities = supervisor(
  (_self, options: TorOptions, log: Log) => kept(authoritiesOf(options), options, log),
  { label: "authorities" },
);

export const relays = supervisor(
  (_self, options: TorOptions, log: Log) => kept(relaysOf(options), options, log),
  { label: "relays" },
);
