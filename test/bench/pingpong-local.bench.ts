/** Two actors in one VM, one message in flight, against two Erlang processes on one scheduler. */
import { type Bench, rate, triangle } from "./bench.ts";
import { BUSY_WAIT, erlang } from "./erlang.ts";
import { node } from "./node.ts";

export const pingpongLocal: Bench = {
  name: "pingpong-local",
  about: "two actors in one VM, one message in flight",
  figures: [rate("round trips", "round trips/s")],
  check: (count) => String(triangle(count)),
  goals: [
    { figure: "round trips", ours: "actor, sync handlers", peer: "Erlang, 1 scheduler", atLeastRatio: 6 },
    {
      figure: "round trips",
      ours: "actor, sync handlers",
      peer: "lower bound (two mailboxes, a run queue)",
      atLeastRatio: 0.6,
    },
  ],
  contenders: [
    {
      name: "actor, sync handlers",
      role: "ours",
      count: 20_000_000,
      program: node("pingpong-local/actor.ts", { args: ["sync"] }),
    },
    {
      name: "process, generators",
      role: "ours",
      count: 5_000_000,
      program: node("pingpong-local/actor.ts", { args: ["generator"] }),
    },
    {
      name: "process, async functions",
      role: "ours",
      count: 500_000,
      program: node("pingpong-local/actor.ts", { args: ["async"] }),
    },
    {
      name: "lower bound (two mailboxes, a run queue)",
      role: "peer",
      count: 20_000_000,
      program: node("pingpong-local/lower-bound.ts"),
    },
    {
      name: "Erlang, 1 scheduler",
      role: "peer",
      count: 3_000_000,
      program: erlang("pingpong", { flags: "+S 1:1", args: ["default"] }),
    },
    {
      name: "Erlang, 1 scheduler, +sbwt very_long",
      role: "peer",
      count: 3_000_000,
      program: erlang("pingpong", { flags: `+S 1:1 ${BUSY_WAIT}`, args: ["default"] }),
    },
  ],
};
