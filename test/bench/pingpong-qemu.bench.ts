/** An actor in a hardware VM and one outside, one message in flight: by memory alone, and with a wake-up for each message. */
import { type Bench, rate, triangle } from "./bench.ts";
import { qemuNode } from "./qemu.ts";

export const pingpongQemu: Bench = {
  name: "pingpong-qemu",
  about: "an actor in a hardware VM and one outside, one message in flight",
  figures: [
    rate("round trips", "round trips/s"),
    {
      name: "median",
      unit: "us",
      better: "lower",
      of: ({ extra }) => (extra?.["p50Ms"] ?? Number.NaN) * 1000,
    },
  ],
  check: (count) => String(triangle(count)),
  goals: [
    // 300,000 a second.
    { figure: "median", ours: "free to spin", atMost: 3.33 },
    { figure: "median", ours: "asleep between messages", atMost: 2000 },
  ],
  contenders: [
    {
      name: "free to spin",
      role: "ours",
      group: "free to spin",
      count: 200_000,
      program: qemuNode("pingpong-qemu/machine.ts"),
    },
    {
      name: "asleep between messages",
      role: "ours",
      group: "asleep between messages",
      count: 2000,
      program: qemuNode("pingpong-qemu/machine.ts", ["sleep"]),
    },
  ],
};
