/**
 * Simulated hosts with their real agents, real controllers on the first few of them, and the store between: a cloud in virtual time, all of
 * it decided by a seed.
 */
import { Random } from "../../testing/random.ts";
import { Controller } from "../controller.ts";
import type { Cloud } from "../declaration.ts";
import type { CloudEvent } from "../event.ts";
import { HostAgent } from "../host-agent.ts";
import type { HostInfo } from "../host-table.ts";
import { type CloudTimes, defaultTimes, keys } from "../records.ts";
import { Agenda, Pulse } from "./agenda.ts";
import { SimHost } from "./sim-host.ts";
import { type SimClient, SimNetwork } from "./sim-store.ts";
import { Witness } from "./witness.ts";

export interface WorldOptions {
  readonly cloud: Cloud;
  readonly hosts: readonly HostInfo[];
  readonly seed: number;
  readonly times?: CloudTimes;
  /** Hosts that may lead. Default: 3. */
  readonly candidates?: number;
  readonly onEvent?: (event: CloudEvent) => void;
}

/** One host, alive or dead, with what it runs of the cloud. */
interface Seat {
  readonly host: SimHost;
  life: Life | undefined;
  cut: boolean;
}

interface Life {
  readonly client: SimClient;
  readonly pulses: readonly Pulse[];
  readonly agent: HostAgent;
  readonly controller: Controller | undefined;
}

/** Between what happens and the turn that looks at it. */
const soonMs = 5;

export class World {
  readonly agenda = new Agenda();
  readonly witness: Witness;
  readonly network: SimNetwork;
  readonly random: Random;
  private readonly seats: Seat[];
  private readonly candidates: readonly Seat[];
  private declared = 0;
  private readonly options: WorldOptions;

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = new Random(options.seed, 0xc1);
    this.witness = new Witness(options.cloud.budget);
    this.network = new SimNetwork(this.agenda, new Random(options.seed, 0xc2));
    const hosts = new Random(options.seed, 0xc3);
    this.seats = options.hosts.map((info) => ({
      host: new SimHost(info, this.agenda, hosts, this.witness),
      life: undefined,
      cut: false,
    }));
    this.candidates = this.seats.slice(0, options.candidates ?? 3);
    this.declare(options.cloud);
    for (const index of this.seats.keys()) this.start(index);
  }

  get size(): number {
    return this.seats.length;
  }

  get leader(): Controller | undefined {
    for (const { life } of this.candidates)
      if (life?.controller?.leader?.hasBegun === true) return life.controller;
    return undefined;
  }

  /** The leader's host; -1: none leads. */
  get leaderIndex(): number {
    return this.candidates.findIndex(({ life }) => life?.controller?.leader !== undefined);
  }

  /** As the leader sees it. */
  get isConverged(): boolean {
    return this.leader?.leader?.planner.isConverged === true;
  }

  get boots(): number {
    return this.seats.reduce((sum, { host }) => sum + host.boots, 0);
  }

  /** Wants this from now on. The witness goes on with the budget of the first one. */
  declare(cloud: Cloud): void {
    const outcome = this.network.write(keys.cloud, { cloud }, this.declared);
    if (outcome.type === "stored") this.declared = outcome.revision;
  }

  /** As new, or after its death. */
  start(index: number): void {
    const seat = this.seat(index);
    if (seat.life !== undefined) return;
    const { agenda, options } = this;
    const { times = defaultTimes } = options;
    const pulses: Pulse[] = [];
    const awake = (): void => {
      for (const pulse of pulses) pulse.by(agenda.nowMs + soonMs);
    };
    const client = this.network.client(awake);
    client.cut = seat.cut;
    const given = { store: client, times, now: () => agenda.nowMs };
    const agent = new HostAgent(seat.host, given);
    seat.host.events = {
      started: (vm) => {
        agent.started(vm);
        awake();
      },
      ended: (vm, reason) => {
        agent.ended(vm, reason);
        awake();
      },
    };
    pulses.push(new Pulse(agenda, () => agent.turn()));
    const controller = index < this.candidates.length ? this.controller(seat, agent, given) : undefined;
    if (controller !== undefined) pulses.push(new Pulse(agenda, () => controller.turn()));
    seat.life = { client, pulses, agent, controller };
    awake();
  }

  kill(index: number): void {
    const seat = this.seat(index);
    const { life } = seat;
    if (life === undefined) return;
    seat.life = undefined;
    for (const pulse of life.pulses) pulse.stop();
    seat.host.die();
    life.agent.close();
    life.client.close();
  }

  /** From the store, and so from everybody. */
  cut(index: number, cut: boolean): void {
    const seat = this.seat(index);
    seat.cut = cut;
    if (seat.life !== undefined) seat.life.client.cut = cut;
  }

  /** Its controller stands still for so long, as a process that is stopped; its VMs and their agent do not. */
  stall(index: number, ms: number): void {
    const { life } = this.seat(index);
    if (life?.controller !== undefined) life.pulses.at(-1)?.stall(ms);
  }

  storeDown(down: boolean): void {
    this.network.down = down;
    if (!down) this.network.heal();
  }

  /** One of its VMs. */
  crash(index: number, nth: number): void {
    const { host, life } = this.seat(index);
    const vm = host.some(nth);
    if (vm !== undefined && life !== undefined) host.crash(vm);
  }

  /** Of a host that may lead and is up. */
  controllerAt(index: number): Controller | undefined {
    return this.seat(index).life?.controller;
  }

  hostAt(index: number): SimHost {
    return this.seat(index).host;
  }

  /** All is as it should be again: every host up, in reach. */
  mend(): void {
    this.storeDown(false);
    for (const index of this.seats.keys()) {
      this.cut(index, false);
      this.start(index);
    }
  }

  private controller(seat: Seat, { lease }: HostAgent, given: Given): Controller {
    const { onEvent = () => {}, seed } = this.options;
    const contactMs = (): number => lease.contactMs;
    return new Controller({ ...given, name: seat.host.info.name, seed, contactMs, onEvent });
  }

  private seat(index: number): Seat {
    const seat = this.seats[index];
    if (seat === undefined) throw new RangeError(`no host ${index}`);
    return seat;
  }
}

type Given = { readonly store: SimClient; readonly times: CloudTimes; readonly now: () => number };
