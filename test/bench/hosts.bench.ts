/**
 * VMs of two hosts, each host a process of its own on this machine, against two Erlang nodes and their own distribution; over NATS
 * also against two processes that publish and subscribe with the same client.
 */
import { freePort } from "../support/free-port.ts";
import { missingNats } from "../support/nats-server.ts";
import { type Bench, type Contender, type Program, rate, triangle } from "./bench.ts";
import { erlang } from "./erlang.ts";
import { node } from "./node.ts";

const withNats = (program: Program): Program =>
  missingNats === undefined ? program : { prepare: () => Promise.resolve({ skipped: missingNats ?? "" }) };

const bareNats = "NATS publish and subscribe, bare";

/** Two nodes: the port of the second one is a free one, in place of a daemon that knows it. */
function erlangNodes(work: "pingpong" | "small"): Program {
  return {
    async prepare(directory) {
      const port = await freePort();
      const flags = `-name bench_a@127.0.0.1 -setcookie bench -start_epmd false -erl_epmd_port ${port} -dist_listen false`;
      return erlang("hosts", { flags, args: [work, String(port)] }).prepare(directory);
    },
  };
}

/** Actors of the hosts' own VMs, as processes of nodes are: no other thread is on the way. */
const ownVms = (script: string, count: number): Contender => ({
  name: "motes, the hosts' own VMs",
  role: "ours",
  count,
  program: node(script, { args: ["plain"] }),
});

function contenders(script: string, work: "pingpong" | "small", count: number): Contender[] {
  const ours = (way: string): Program => node(script, { args: [way] });
  return [
    { name: "motes hosts, plain", role: "ours", count, program: ours("plain") },
    { name: "motes hosts, TLS", role: "ours", count, program: ours("tls") },
    { name: "motes hosts, NATS", role: "ours", count, program: withNats(ours("nats")) },
    { name: "Erlang nodes, plain", role: "peer", count, program: erlangNodes(work) },
  ];
}

export const pingpongHost: Bench = {
  name: "pingpong-host",
  about:
    "VMs of two hosts, and actors of two hosts' own VMs, one message in flight, against Erlang's distribution",
  figures: [rate("round trips", "round trips/s")],
  check: (count) => String(triangle(count)),
  goals: [
    { figure: "round trips", ours: "motes hosts, plain", peer: "Erlang nodes, plain", atLeastRatio: 1.3 },
    {
      figure: "round trips",
      ours: "motes, the hosts' own VMs",
      peer: "Erlang nodes, plain",
      atLeastRatio: 1.3,
    },
  ],
  contenders: [
    ...contenders("hosts/pingpong.ts", "pingpong", 20_000),
    ownVms("hosts/own-pingpong.ts", 20_000),
    { name: "bare node:net", role: "peer", count: 20_000, program: node("hosts/bare-pingpong.ts") },
  ],
};

export const throughputHost: Bench = {
  name: "throughput-host",
  about:
    "messages of 100 bytes between VMs of two hosts, at most 4,000 in flight, against Erlang's distribution and bare NATS",
  figures: [rate("messages", "messages/s")],
  check: (count) => String(triangle(count) + 100 * count),
  goals: [
    { figure: "messages", ours: "motes hosts, plain", peer: "Erlang nodes, plain", atLeastRatio: 2 },
    { figure: "messages", ours: "motes, the hosts' own VMs", peer: "Erlang nodes, plain", atLeastRatio: 2 },
    { figure: "messages", ours: "motes hosts, NATS", peer: bareNats, atLeastRatio: 0.8 },
  ],
  contenders: [
    ...contenders("hosts/throughput.ts", "small", 1_000_000),
    ownVms("hosts/own-throughput.ts", 1_000_000),
    { name: bareNats, role: "peer", count: 1_000_000, program: withNats(node("hosts/bare-nats.ts")) },
  ],
};

export const monitorsHost: Bench = {
  name: "monitors-host",
  about:
    "a host is killed: from its loss being known to the last of so many monitors of one VM on its actors",
  figures: [
    {
      name: "all told after the loss was known",
      unit: "ms",
      better: "lower",
      of: ({ elapsedNs }) => elapsedNs / 1e6,
    },
  ],
  check: (count) => String(triangle(count)),
  goals: [{ figure: "all told after the loss was known", ours: "motes hosts", atMost: 1000 }],
  contenders: [{ name: "motes hosts", role: "ours", count: 1000, program: node("hosts/monitors.ts") }],
};
