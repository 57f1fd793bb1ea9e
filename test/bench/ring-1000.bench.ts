/** A token around 1,000 actors in one VM, against 1,000 Erlang processes. */
import { type Bench, rate, triangle } from "./bench.ts";
import { BUSY_WAIT, erlang } from "./erlang.ts";
import { node } from "./node.ts";

export const ring1000: Bench = {
  name: "ring-1000",
  about: "a token around 1,000 actors in one VM",
  figures: [rate("hops", "hops/s")],
  check: (count) => String(triangle(count)),
  contenders: [
    { name: "motes actors", role: "ours", count: 20_000_000, program: node("ring-1000/actors.ts") },
    {
      name: "Erlang, 1 scheduler",
      role: "peer",
      count: 5_000_000,
      program: erlang("ring", { flags: "+S 1:1" }),
    },
    { name: "Erlang, default schedulers", role: "peer", count: 5_000_000, program: erlang("ring") },
    {
      name: "Erlang, default schedulers, +sbwt very_long",
      role: "peer",
      count: 5_000_000,
      program: erlang("ring", { flags: BUSY_WAIT }),
    },
  ],
};
