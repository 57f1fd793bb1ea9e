/** A call and its reply, one at a time, in one VM, against `gen_server:call`. */
import { type Bench, rate, triangle } from "./bench.ts";
import { BUSY_WAIT, erlang } from "./erlang.ts";
import { node } from "./node.ts";

export const calling: Bench = {
  name: "call",
  about: "calls and their replies in one VM, one at a time",
  figures: [rate("calls", "calls/s")],
  check: (count) => String(triangle(count)),
  contenders: [
    { name: "motes call", role: "ours", count: 2_000_000, program: node("call/actor.ts") },
    {
      name: "Erlang gen_server:call, 1 scheduler",
      role: "peer",
      count: 1_000_000,
      program: erlang("calling", { flags: "+S 1:1" }),
    },
    {
      name: "Erlang gen_server:call, 1 scheduler, +sbwt very_long",
      role: "peer",
      count: 1_000_000,
      program: erlang("calling", { flags: `+S 1:1 ${BUSY_WAIT}` }),
    },
  ],
};
