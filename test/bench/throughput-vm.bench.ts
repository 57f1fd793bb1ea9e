/** One-way messages a second from one VM to another, at most 4,000 in flight. */
import { type Bench, type Contender, rate, triangle } from "./bench.ts";
import { BUSY_WAIT, erlang } from "./erlang.ts";
import { node } from "./node.ts";
import { type Kind, payloadOf, touch } from "./throughput-vm/payload.ts";

const GROUPS = {
  fields: "3 fields",
  record: "1 KiB record",
  bytes: "1 KiB bytes",
} as const satisfies Partial<Record<Kind, string>>;
const KINDS = ["fields", "record", "bytes"] as const;

function contenders(kind: (typeof KINDS)[number]): Contender[] {
  const group = GROUPS[kind];
  const count = kind === "fields" ? 2_000_000 : 500_000;
  return [
    {
      name: "motes VMs",
      role: "ours",
      group,
      count,
      program: node("throughput-vm/vms.ts", { args: [kind] }),
    },
    {
      name: "Erlang, 2 schedulers",
      role: "peer",
      group,
      count,
      program: erlang("throughput", { flags: "+S 2:2", args: [kind, "default"] }),
    },
    {
      name: "Erlang, 2 schedulers, +sbwt very_long",
      role: "peer",
      group,
      count,
      program: erlang("throughput", { flags: `+S 2:2 ${BUSY_WAIT}`, args: [kind, "default"] }),
    },
    {
      name: "Erlang, 2 schedulers, processes apart",
      role: "peer",
      group,
      count,
      program: erlang("throughput", { flags: "+S 2:2", args: [kind, "apart"] }),
    },
    {
      name: "worker_threads postMessage",
      role: "peer",
      group,
      count: kind === "fields" ? 400_000 : 200_000,
      program: node("throughput-vm/post-message.ts", { args: [kind] }),
    },
  ];
}

export const throughputVm: Bench = {
  name: "throughput-vm",
  about: "one-way messages between two VMs, at most 4,000 in flight",
  figures: [rate("messages", "messages/s")],
  check(count, group) {
    const kind = KINDS.find((each) => GROUPS[each] === group) ?? "fields";
    return String(triangle(count) + count * touch(payloadOf(kind)));
  },
  contenders: KINDS.flatMap(contenders),
};
