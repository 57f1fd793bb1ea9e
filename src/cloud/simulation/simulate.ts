/**
 * A cloud tried out on simulated hosts before it has any: the real controller and agents, a store behind a network, in virtual time, through
 * a start and one of each kind of trouble. Same seed, same run.
 */
import type { Cloud, Role } from "../declaration.ts";
import type { CloudEvent } from "../event.ts";
import type { HostInfo } from "../host-table.ts";
import { obstacles } from "../obstacles.ts";
import { defaultTimes } from "../records.ts";
import { World } from "./world.ts";

export interface CloudSimulation {
  readonly hosts: number;
  /** Each role is made larger or smaller so that all have so many, and the budget with them. Default: as declared. */
  readonly vms?: number;
  /** Default: 1. */
  readonly seed?: number;
  readonly onPhase?: (phase: SimulatedPhase) => void;
}

export interface SimulatedPhase {
  readonly name: string;
  /** From the trouble until all was as it should be, in virtual ms, its detection included; 0: it never was not. Undefined: it is not yet. */
  readonly convergedMs: number | undefined;
  /** VMs that were booted meanwhile. */
  readonly moves: number;
  /** Writes to the store, and changes that were heard of. */
  readonly puts: number;
  readonly heard: number;
}

export interface SimulatedCloud {
  readonly hosts: number;
  readonly vms: number;
  readonly seed: number;
  readonly virtualMs: number;
  readonly phases: readonly SimulatedPhase[];
  /** The most at any moment. */
  readonly peak: { readonly vms: number; readonly memoryMb: number; readonly moneyPerHour: number };
  /** Broken invariants: none, or it is a bug of ours. */
  readonly violations: readonly string[];
  /** What stands in the way of VMs that have no place. */
  readonly obstacles: readonly string[];
}

/** How long a phase may take until it is given up on, in virtual ms. */
const patienceMs = 180_000;

export function simulateCloud(declared: Cloud, options: CloudSimulation): SimulatedCloud {
  const { hosts, seed = 1, onPhase = () => {} } = options;
  const cloud = options.vms === undefined ? declared : sized(declared, options.vms);
  const vms = cloud.roles.reduce((sum, { count }) => sum + count, 0);
  let settledMs = 0;
  const onEvent = (event: CloudEvent): void => {
    if (event.type === "converged") settledMs = event.atMs;
  };
  const world = new World({ cloud, hosts: simulatedHosts(cloud, hosts), seed, onEvent });
  const phases: SimulatedPhase[] = [];
  const phase = (name: string, trouble: () => void, leastMs: number): void => {
    const { agenda, network } = world;
    const [fromMs, boots] = [agenda.nowMs, world.boots];
    const { puts, heard } = network.messages;
    trouble();
    agenda.runUntil(agenda.nowMs + leastMs);
    agenda.runUntil(agenda.nowMs + patienceMs, () => world.isConverged);
    const made = {
      name,
      convergedMs: world.isConverged ? Math.max(0, settledMs - fromMs) : undefined,
      moves: world.boots - boots,
      puts: network.messages.puts - puts,
      heard: network.messages.heard - heard,
    };
    phases.push(made);
    onPhase(made);
  };
  play(world, phase);
  const planner = world.leader?.leader?.planner;
  return {
    hosts,
    vms,
    seed,
    virtualMs: world.agenda.nowMs,
    phases,
    peak: world.witness.peak,
    violations: world.witness.violations,
    obstacles: planner === undefined ? [] : planner.roles.flatMap((role) => obstacles(planner, role)),
  };
}

type Phase = (name: string, trouble: () => void, leastMs: number) => void;

function play(world: World, phase: Phase): void {
  const { size, random } = world;
  // Longer than it takes to be given up.
  const noticedMs = defaultTimes.lostAfterMs + 2 * defaultTimes.leaseMs;
  const some = (part: number): readonly number[] => {
    const found = new Set<number>();
    while (found.size < Math.max(1, Math.floor(part * size)) && found.size < size - 1)
      found.add(random.below(size));
    return [...found];
  };
  const dead = some(0.01);
  const cut = some(0.05);
  phase("start", () => {}, 1000);
  // From here on no host, and no leader that is new, reads better than real ones do.
  world.network.lagMsMax = 1000;
  phase(`${dead.length} hosts die`, () => each(dead, (host) => world.kill(host)), noticedMs);
  phase("they come back", () => each(dead, (host) => world.start(host)), noticedMs);
  phase(`${cut.length} hosts are cut off`, () => each(cut, (host) => world.cut(host, true)), noticedMs);
  phase("they are reached again", () => each(cut, (host) => world.cut(host, false)), noticedMs);
  phase("the leader's host dies", () => world.kill(Math.max(0, world.leaderIndex)), noticedMs);
  const downMs = 30_000;
  phase(
    `the store is down for ${downMs / 1000} s`,
    () => {
      world.storeDown(true);
      world.agenda.runUntil(world.agenda.nowMs + downMs);
      world.storeDown(false);
    },
    noticedMs,
  );
}

const each = (hosts: readonly number[], act: (host: number) => void): void => {
  for (const host of hosts) act(host);
};

/** With so many VMs in all. */
function sized(cloud: Cloud, vms: number): Cloud {
  const declared = cloud.roles.reduce((sum, { count }) => sum + count, 0);
  const factor = declared === 0 ? 0 : vms / declared;
  const roles = cloud.roles.map((role) => ({ ...role, count: Math.round(role.count * factor) }));
  const { budget } = cloud;
  const total = (of: (role: Role) => number): number => roles.reduce((sum, role) => sum + of(role), 0);
  return {
    ...cloud,
    roles,
    budget: {
      vms: Math.max(
        budget.vms * factor,
        total(({ count }) => count),
      ),
      memoryMb: Math.max(
        budget.memoryMb * factor,
        total(({ count, memoryMb }) => count * memoryMb),
      ),
      moneyPerHour: budget.moneyPerHour,
    },
  };
}

/** Such as fit the cloud: in its regions, with its labels in turn, with a third more room than it needs. */
function simulatedHosts(cloud: Cloud, count: number): readonly HostInfo[] {
  const { roles, budget } = cloud;
  const regions = [...new Set(roles.flatMap((role) => role.regions))];
  const labels = new Map<string, string[]>();
  for (const role of roles) {
    for (const [label, values] of Object.entries(role.labels))
      labels.set(label, [...new Set([...(labels.get(label) ?? []), ...values])]);
    const { over = "region" } = role.spread ?? {};
    if (over !== "region" && !labels.has(over)) labels.set(over, ["a", "b", "c"]);
  }
  const room = 4 / 3 / count;
  const vms = roles.reduce((sum, role) => sum + role.count, 0);
  const memoryMb = roles.reduce((sum, role) => sum + role.count * role.memoryMb, 0);
  const largestMb = Math.max(...roles.map((role) => role.memoryMb));
  const of = (list: readonly string[], index: number): string => list[index % list.length] ?? "";
  return Array.from({ length: count }, (_, index) => ({
    name: `host-${index}`,
    region: regions.length === 0 ? `region-${index % 3}` : of(regions, index),
    labels: Object.fromEntries([...labels].map(([label, values]) => [label, of(values, index)])),
    targets: ["isolate", "process", "wasm", "wasm-packed", "qemu"],
    vmsMax: Math.ceil(vms * room) + 1,
    memoryMbMax: Math.ceil(memoryMb * room) + largestMb,
    pricePerHour: Math.min(1, budget.moneyPerHour / count),
  }));
}
