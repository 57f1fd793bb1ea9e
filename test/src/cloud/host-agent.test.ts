import { expect, test } from "vitest";
import { cloud, image } from "../../../src/cloud/cloud.ts";
import { defaultTimes } from "../../../src/cloud/records.ts";
import { World } from "../../../src/cloud/simulation/world.ts";
import { aHost } from "./fleet.ts";

const of = (cutOff: "hold" | "keep") =>
  cloud({ name: "dust", roles: { mote: { run: image("mote.ts"), count: 6, cutOff } } });

/** Two hosts of three VMs each; VMs that act while the second one is cut off and not given up yet. */
const actingWhileCut = (first: "hold" | "keep", then: "hold" | "keep"): readonly number[] => {
  const world = new World({ cloud: of(first), hosts: [aHost("a"), aHost("b")], seed: 1 });
  const { agenda, witness } = world;
  agenda.runUntil(60_000, () => world.isConverged);
  world.declare(of(then));
  agenda.runUntil(agenda.nowMs + 3000);
  world.cut(1, true);
  agenda.runUntil(agenda.nowMs + defaultTimes.holdAfterMs + 500);
  const cut = witness.acting;
  world.cut(1, false);
  agenda.runUntil(agenda.nowMs + 3000);
  return [cut, witness.acting, world.boots];
};

test("host agent: VMs that run are held or kept as was declared last", () => {
  expect(actingWhileCut("keep", "keep")).toEqual([6, 6, 6]);
  expect(actingWhileCut("keep", "hold")).toEqual([3, 6, 6]);
  expect(actingWhileCut("hold", "keep")).toEqual([6, 6, 6]);
});
