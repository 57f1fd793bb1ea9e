import { expect, test } from "vitest";
import { cloud, image } from "../../../../src/cloud/cloud.ts";
import { World } from "../../../../src/cloud/simulation/world.ts";
import { aHost } from "../fleet.ts";

const of = (file: string) =>
  cloud({
    name: "small",
    roles: { mote: { run: image(file), count: 6, update: { maxUnavailable: "100%" } } },
    budget: { vms: 6 },
  });

test("cloud: what a leader has withdrawn before it died is not placed before it has ended", () => {
  let moved = 0;
  for (let awayMs = 5500; awayMs < 9000; awayMs += 500) {
    const hosts = ["a", "b", "c", "d"].map((name) => aHost(name));
    const world = new World({ cloud: of("one.ts"), hosts, seed: awayMs });
    const { agenda } = world;
    // The last host boots what nobody will hear of, nor does it hear that this is withdrawn; it comes back when another one leads.
    agenda.runUntil(60_000, () => world.hostAt(3).boots > 0);
    world.cut(3, true);
    world.declare(of("other.ts"));
    agenda.runUntil(agenda.nowMs + 60);
    world.kill(Math.max(0, world.leaderIndex));
    agenda.runUntil(agenda.nowMs + awayMs);
    world.cut(3, false);
    agenda.runUntil(agenda.nowMs + 60_000);
    expect(world.witness.violations).toEqual([]);
    expect([world.isConverged, world.witness.acting]).toEqual([true, 6]);
    moved += world.boots;
  }
  expect(moved).toBeGreaterThan(0);
});
