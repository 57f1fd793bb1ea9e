/** Requests a second through a front door, and the memory of idle connections to it, against a bare `node:http` server. */
import { type Bench, rate } from "./bench.ts";
import { withWrk } from "./door/wrk.ts";
import { node } from "./node.ts";

const COUNT = 200_000;
const serving = (how: string) => withWrk(node("door/server.ts", { flags: ["--expose-gc"], args: [how] }));

export const door: Bench = {
  name: "door",
  about: "GET by wrk over 64 connections, answered with 13 bytes; then 10,000 connections that are idle",
  figures: [
    rate("requests", "requests/s"),
    {
      name: "memory",
      unit: "bytes/connection",
      better: "lower",
      of: ({ extra }) => extra?.["bytesEach"] ?? Number.NaN,
    },
  ],
  check: () => "none failed",
  goals: [
    { figure: "requests", ours: "motes door", peer: "bare node:http", atLeastRatio: 0.6 },
    { figure: "memory", ours: "motes door", atMost: 10_000 },
  ],
  contenders: [
    { name: "motes door", role: "ours", count: COUNT, program: serving("door") },
    { name: "motes door, to an actor in another VM", role: "ours", count: COUNT, program: serving("vms") },
    { name: "bare node:http", role: "peer", count: COUNT, program: serving("bare") },
  ],
};
