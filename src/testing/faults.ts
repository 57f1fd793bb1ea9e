import type { ExitReason } from "../../kernel/index.ts";
import { checkRange, refused } from "./options.ts";
import type { Random, Range } from "./random.ts";
import { Happening } from "./schedule.ts";
import type { Simulation } from "./simulation.ts";
import type { ActorView, HostView, VmView } from "./view.ts";
import type { Simulator } from "./simulator.ts";

/** How often something goes wrong: at random, on average every so many ms. */
interface Often {
  readonly everyMs: number;
}

interface OnVms extends Often {
  /** Which may be hit. Default: all; for `kill` all but the first, which nothing would start again. */
  readonly vms?: (vm: VmView) => boolean;
}

interface OnHosts extends Often {
  /** Which may be hit. Default: all; the first is never killed. */
  readonly hosts?: (host: HostView) => boolean;
}

/** What goes wrong by chance. Every moment and every victim comes from the seed. */
export interface FaultOptions {
  /** A VM is gone at once, with what it had not said yet. */
  readonly kill?: OnVms;
  /** A vCPU does not run for a while (default 1 to 500 ms); past what its watchdog allows, the VM is killed. */
  readonly pause?: OnVms & { readonly forMs?: Range };
  /** Two VMs that have talked lose each other (on one host for the rest of their lives): both sides hear `noconnection`. */
  readonly cut?: OnVms;
  /** Nothing goes through between two VMs for a while (default 1 to 500 ms), then everything, in order. */
  readonly hold?: OnVms & { readonly forMs?: Range };
  /** A VM's turns come late, each by up to `byMs` (default 20), for a while (default 10 to 1000 ms). */
  readonly slow?: OnVms & { readonly forMs?: Range; readonly byMs?: number };
  /** A VM's clock jumps forward. Default 1 to 10000 ms. */
  readonly jump?: OnVms & { readonly byMs?: Range };
  /** An actor gets an exit signal; by default `kill`, and any but the root of the first VM. */
  readonly crash?: Often & { readonly actors?: (actor: ActorView) => boolean; readonly reason?: ExitReason };
  /** A host is gone with all its VMs, and comes back without them after a while (default 100 to 20000 ms), as a new life of it. */
  readonly hostKill?: OnHosts & { readonly backMs?: Range };
  /**
   * Two hosts do not reach each other for a while (default 100 to 15000 ms), both ways or one; past the detection time they lose
   * each other.
   */
  readonly hostCut?: OnHosts & { readonly forMs?: Range };
  /** A host stands still, with its VMs, for a while (default 100 to 10000 ms); past the detection time the others lose it. */
  readonly hostPause?: OnHosts & { readonly forMs?: Range };
}

type Kind = keyof FaultOptions;

/** What one kind does when it strikes. */
type Strikes<M> = { readonly [K in Kind]: (sim: Simulation<M>, random: Random, given: Given<K>) => void };

type Given<K extends Kind> = NonNullable<FaultOptions[K]>;

const strikes: Strikes<never> = {
  kill(sim, random, { vms = (vm) => !isFirst(sim, vm) }) {
    const vm = random.pick(sim.vms.filter(vms));
    if (vm !== undefined) sim.kill(vm);
  },
  pause(sim, random, { vms = all, forMs = [1, 500] }) {
    const vm = random.pick(sim.vms.filter(vms));
    if (vm !== undefined) sim.pause(vm, random.between(forMs));
  },
  cut(sim, random, { vms = all }) {
    const pair = random.pick(sim.pairs.filter((both) => both.every(vms)));
    if (pair !== undefined) sim.cut(...pair);
  },
  hold(sim, random, { vms = all, forMs = [1, 500] }) {
    const pair = random.pick(sim.pairs.filter((both) => both.every(vms)));
    if (pair !== undefined) sim.hold(...pair, random.between(forMs));
  },
  slow(sim, random, { vms = all, forMs = [10, 1000], byMs = 20 }) {
    const vm = random.pick(sim.vms.filter(vms));
    if (vm !== undefined) sim.slow(vm, random.between(forMs), byMs);
  },
  jump(sim, random, { vms = all, byMs = [1, 10_000] }) {
    const vm = random.pick(sim.vms.filter(vms));
    if (vm !== undefined) sim.jump(vm, random.between(byMs));
  },
  crash(sim, random, { actors, reason = "kill" }) {
    const vm = random.pick(sim.vms);
    const allowed = actors ?? ((actor: ActorView) => vm === undefined || !isFirst(sim, vm) || !actor.isRoot);
    const actor = random.pick(vm?.actors.filter(allowed) ?? []);
    if (actor !== undefined) sim.crash(actor.ref, reason);
  },
  hostKill(sim, random, { hosts = all, backMs = [100, 20_000] }) {
    const host = random.pick(sim.hosts.slice(1).filter(hosts));
    if (host !== undefined) sim.killHost(host.name, random.between(backMs));
  },
  hostCut(sim, random, { hosts = all, forMs = [100, 15_000] }) {
    const which = sim.hosts.filter(hosts);
    const [one, other] = [random.pick(which), random.pick(which)];
    const ways = random.chance(1 / 2) ? "both" : "to";
    if (one !== undefined && other !== undefined)
      sim.cutHosts(one.name, other.name, random.between(forMs), ways);
  },
  hostPause(sim, random, { hosts = all, forMs = [100, 10_000] }) {
    const host = random.pick(sim.hosts.filter(hosts));
    if (host !== undefined) sim.pauseHost(host.name, random.between(forMs));
  },
};

/** In the order in which they were thought of: each has random numbers of its own, by its place here. */
const kinds: readonly Kind[] = [
  "kill",
  "pause",
  "cut",
  "hold",
  "slow",
  "jump",
  "crash",
  "hostKill",
  "hostCut",
  "hostPause",
];

/** One kind of fault, again and again. */
class Fault extends Happening {
  private readonly simulator: Simulator;
  private readonly random: Random;
  private readonly everyMs: number;
  private readonly strike: (random: Random) => void;

  constructor(simulator: Simulator, random: Random, everyMs: number, strike: (random: Random) => void) {
    super();
    this.simulator = simulator;
    this.random = random;
    this.everyMs = everyMs;
    this.strike = strike;
    this.next();
  }

  override happen(): void {
    this.strike(this.random);
    this.next();
  }

  private next(): void {
    const { simulator, random, everyMs } = this;
    simulator.schedule.set(this, simulator.nowMs + random.between([0, 2 * everyMs]));
  }
}

/** Sets all of them going. Returns how to stop them. Throws `SIM_OPTION`. */
export function startFaults<M>(simulator: Simulator, sim: Simulation<M>, options: FaultOptions): () => void {
  for (const kind of Object.keys(options))
    if (!(kinds as readonly string[]).includes(kind))
      throw refused("faults", `some of ${kinds.join(", ")}`, kind);
  const faults = kinds.flatMap((kind, index) => {
    const given = options[kind];
    if (given === undefined) return [];
    check(kind, given);
    // Sound: `given` is what this very kind takes, and no strike looks at the root, which is all that M is about.
    const strike = strikes[kind] as (sim: unknown, random: Random, given: unknown) => void;
    const act = (random: Random): void => strike(sim, random, given);
    return [new Fault(simulator, simulator.stream(-10 - index), given.everyMs, act)];
  });
  return () => {
    for (const fault of faults) simulator.schedule.remove(fault);
  };
}

function check(kind: Kind, given: Given<Kind>): void {
  const { everyMs } = given;
  if (!(everyMs > 0)) throw refused(`faults.${kind}.everyMs`, "a number of ms above 0", everyMs);
  if ("forMs" in given && given.forMs !== undefined) checkRange(`faults.${kind}.forMs`, given.forMs);
  if ("backMs" in given && given.backMs !== undefined) checkRange(`faults.${kind}.backMs`, given.backMs);
  if ("byMs" in given && Array.isArray(given.byMs)) checkRange(`faults.${kind}.byMs`, given.byMs as never);
}

const all = (): boolean => true;
const isFirst = (sim: Simulation<never>, { number, host }: VmView): boolean =>
  number === 1 && host === sim.hosts[0]?.name;
