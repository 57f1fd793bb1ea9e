/** A link between two hosts, against what it runs over: a bare socket, and bare NATS. Hosts are two threads of one machine. */
import { type Bench, type Contender, type Program, rate, triangle } from "./bench.ts";
import { missingNats } from "../support/nats-server.ts";
import type { Work } from "./link-hosts/work.ts";
import { node } from "./node.ts";

const GROUPS: Readonly<Record<Work, string>> = {
  "round-trips": "round trips, one in flight",
  "one-way": "100 bytes, one way",
};

const withNats = (program: Program): Program =>
  missingNats === undefined ? program : { prepare: () => Promise.resolve({ skipped: missingNats ?? "" }) };

function contenders(work: Work): Contender[] {
  const group = GROUPS[work];
  const count = work === "one-way" ? 2_000_000 : 60_000;
  const natsGroup = `${group}, NATS`;
  const natsCount = work === "one-way" ? 500_000 : 20_000;
  const ours = (way: string): Program => node("link-hosts/link.ts", { args: [work, way] });
  return [
    { name: "motes link, plain", role: "ours", group, count, program: ours("plain") },
    { name: "motes link, TLS", role: "ours", group, count, program: ours("tls") },
    {
      name: "node:net, bare",
      role: "peer",
      group,
      count,
      program: node("link-hosts/bare.ts", { args: [work] }),
    },
    {
      name: "motes link, NATS",
      role: "ours",
      group: natsGroup,
      count: natsCount,
      program: withNats(ours("nats")),
    },
    {
      name: "NATS publish and subscribe, bare",
      role: "peer",
      group: natsGroup,
      count: natsCount,
      program: withNats(node("link-hosts/bare-nats.ts", { args: [work] })),
    },
  ];
}

export const linkHosts: Bench = {
  name: "link-hosts",
  about: "records of 100 bytes between two hosts, against what a link runs over",
  figures: [rate("records", "records/s")],
  check: (count) => String(triangle(count)),
  contenders: [...contenders("round-trips"), ...contenders("one-way")],
};
