/** A small simulated cloud and random faults for it, all from one seed: for sweeps over many seeds. */
import { cloud, image } from "../../../../src/cloud/cloud.ts";
import type { Cloud } from "../../../../src/cloud/declaration.ts";
import type { CloudEvent } from "../../../../src/cloud/event.ts";
import { World } from "../../../../src/cloud/simulation/world.ts";
import { Random } from "../../../../src/testing/random.ts";

const declared = (random: Random): Cloud => {
  const churn = random.chance(0.3) ? { churn: { fraction: 0.5, everyMs: 20_000 } } : {};
  const maxSkew = random.chance(0.3) ? { maxSkew: 2 } : {};
  return cloud({
    name: "small",
    roles: {
      mote: {
        run: image("mote.ts"),
        count: 6,
        memoryMb: 1,
        spread: { over: "region", ...maxSkew },
        ...churn,
      },
      well: { run: image("well.ts"), count: 2, memoryMb: 4, perHostMax: 1 },
    },
    budget: { vms: 8, memoryMb: 14, moneyPerHour: 4 },
  });
};

export interface Ran {
  readonly violations: readonly string[];
  readonly events: readonly CloudEvent[];
  readonly converged: boolean;
  readonly acting: number;
}

/** `ms` of random faults, then none, until it converges. */
export function runSmall(seed: number, ms = 60_000): Ran {
  const random = new Random(seed, 1);
  const events: CloudEvent[] = [];
  const hosts = Array.from({ length: 4 }, (_, index) => ({
    name: `h${"1".repeat(index + 1)}`,
    region: `r${index % 2}`,
    labels: {},
    targets: ["isolate"],
    vmsMax: 8,
    memoryMbMax: 16,
    pricePerHour: 1,
  }));
  const world = new World({ cloud: declared(random), hosts, seed, onEvent: (event) => events.push(event) });
  const { agenda } = world;
  world.network.lateOneIn = random.chance(0.5) ? 30 : 0;
  world.network.lagMsMax = random.chance(0.7) ? 2000 : 0;
  for (const index of hosts.keys())
    if (random.chance(0.1))
      world.hostAt(index).crashes = (vm) => vm.ordinal === 1 && agenda.nowMs < ms && random.chance(0.7);
  while (agenda.nowMs < ms) {
    agenda.runUntil(agenda.nowMs + 4000 * random.next());
    const index = random.below(hosts.length);
    const fault = random.below(9);
    if (fault === 0) world.kill(index);
    else if (fault === 1) world.start(index);
    else if (fault === 2) world.cut(index, true);
    else if (fault === 3 || fault === 4) world.cut(index, false);
    else if (fault === 5) world.crash(index, random.below(8));
    else if (fault === 8) world.stall(Math.max(0, world.leaderIndex), 20_000 * random.next());
    else world.storeDown(fault === 6 && random.chance(0.5));
  }
  world.network.lateOneIn = 0;
  world.mend();
  agenda.runUntil(ms + 300_000, () => world.isConverged && agenda.nowMs > ms + 15_000);
  return {
    violations: world.witness.violations,
    events,
    converged: world.isConverged,
    acting: world.witness.acting,
  };
}
