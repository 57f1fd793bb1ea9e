/** Idle actors: how many a second until all have run their init, and the memory of each. */
import { type Bench, rate, triangle } from "./bench.ts";
import { erlang } from "./erlang.ts";
import { node } from "./node.ts";

const COUNT = 300_000;

export const spawning: Bench = {
  name: "spawn",
  about: `${COUNT.toLocaleString("en")} idle actors, each having run its init`,
  figures: [
    rate("spawns", "spawns/s"),
    {
      name: "memory",
      unit: "bytes/actor",
      better: "lower",
      of: ({ extra }) => extra?.["bytesEach"] ?? Number.NaN,
    },
  ],
  check: (count) => String(triangle(count)),
  goals: [
    { figure: "spawns", ours: "motes actors", peer: "Erlang", atLeastRatio: 3 },
    { figure: "memory", ours: "motes actors", atMost: 700 },
  ],
  contenders: [
    {
      name: "motes actors",
      role: "ours",
      count: COUNT,
      program: node("spawn/actors.ts", { flags: ["--expose-gc"] }),
    },
    { name: "Erlang", role: "peer", count: COUNT, program: erlang("spawning", { flags: "+P 2000000" }) },
    {
      name: "Erlang, 1 scheduler",
      role: "peer",
      count: COUNT,
      program: erlang("spawning", { flags: "+S 1:1 +P 2000000" }),
    },
  ],
};
