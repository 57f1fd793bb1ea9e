/** Two VMs, one message in flight, against two Erlang processes on two schedulers and two worker threads. */
import { type Bench, rate, triangle } from "./bench.ts";
import { BUSY_WAIT, erlang } from "./erlang.ts";
import { node } from "./node.ts";

const SPINNING = "free to spin";
/** Both sides sleep between messages: what is measured is mostly the machine's wake-up. */
const SLEEPING = "asleep between messages";

export const pingpongVm: Bench = {
  name: "pingpong-vm",
  about: "two VMs, one message in flight",
  figures: [rate("round trips", "round trips/s")],
  check: (count) => String(triangle(count)),
  goals: [
    {
      figure: "round trips",
      ours: "motes VMs",
      peer: "Erlang, 2 schedulers, processes apart",
      atLeastRatio: 4,
    },
    { figure: "round trips", ours: "motes VMs", peer: "worker_threads postMessage", atLeastRatio: 20 },
  ],
  contenders: [
    {
      name: "motes VMs",
      role: "ours",
      group: SPINNING,
      count: 1_000_000,
      program: node("pingpong-vm/vms.ts"),
    },
    {
      name: "motes VMs, asleep",
      role: "ours",
      group: SLEEPING,
      count: 30_000,
      program: node("pingpong-vm/vms.ts", { args: ["sleep"] }),
    },
    {
      name: "Erlang, 2 schedulers, processes apart",
      role: "peer",
      group: SPINNING,
      count: 50_000,
      program: erlang("pingpong", { flags: "+S 2:2", args: ["apart"] }),
    },
    {
      name: "Erlang, 2 schedulers, processes apart, +sbwt very_long",
      role: "peer",
      group: SPINNING,
      count: 50_000,
      program: erlang("pingpong", { flags: `+S 2:2 ${BUSY_WAIT}`, args: ["apart"] }),
    },
    {
      name: "Erlang, 2 schedulers, placed by Erlang (both on one)",
      role: "peer",
      group: SPINNING,
      count: 1_000_000,
      program: erlang("pingpong", { flags: "+S 2:2", args: ["default"] }),
    },
    {
      name: "Erlang, 2 schedulers, placed by Erlang, +sbwt very_long",
      role: "peer",
      group: SPINNING,
      count: 1_000_000,
      program: erlang("pingpong", { flags: `+S 2:2 ${BUSY_WAIT}`, args: ["default"] }),
    },
    {
      name: "Erlang, 2 schedulers, processes apart, both polling",
      role: "peer",
      group: SPINNING,
      count: 200_000,
      program: erlang("pingpong", { flags: "+S 2:2", args: ["polling"] }),
    },
    {
      name: "worker_threads postMessage",
      role: "peer",
      group: SPINNING,
      count: 30_000,
      program: node("pingpong-vm/post-message.ts"),
    },
    {
      name: "ceiling: one shared word, spinning",
      role: "peer",
      group: SPINNING,
      count: 3_000_000,
      program: node("pingpong-vm/shared-word.ts", { args: ["spin"] }),
    },
    {
      name: "ceiling: one shared word, Atomics.wait",
      role: "peer",
      group: SLEEPING,
      count: 30_000,
      program: node("pingpong-vm/shared-word.ts", { args: ["sleep"] }),
    },
    {
      name: "Erlang, processes apart, +sbwt none",
      role: "peer",
      group: SLEEPING,
      count: 20_000,
      program: erlang("pingpong", {
        flags: "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
        args: ["apart"],
      }),
    },
  ],
};
