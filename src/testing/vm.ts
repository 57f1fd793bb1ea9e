import {
  type AbortControl,
  type Carrier,
  type ExitReason,
  type Home,
  type KernelEvent,
  type Platform,
} from "../../kernel/index.ts";
import type { SimCarrier } from "./carrier.ts";
import type { Observer } from "./observer.ts";
import type { Random } from "./random.ts";
import { Happening } from "./schedule.ts";
import type { SimHost } from "./sim-host.ts";
import { SimKernel } from "./sim-kernel.ts";
import type { Simulator } from "./simulator.ts";

/** How many times a turn of a VM that is not slowed down looks at the clock at the most. */
const pollsMax = 64;
/** What one look at the clock stands for, in ms of vCPU time: it is what a VM that never rests costs. */
const pollMs = 0.001;

/** Random streams of each host: two for each of its VMs. */
const streamsOfHost = 2 ** 21;

export interface SimVmSpec {
  readonly number: number;
  readonly id: number;
  readonly entry: string;
}

/** In traces: `vm3`, or `b~0f3a91c2.vm3`. */
export const vmName = (host: string, number: number): string =>
  host === "" ? `vm${number}` : `${host}.vm${number}`;

/**
 * One simulated VM: a kernel on the virtual clock whose turns happen when the seed says, each for as long as the seed says.
 */
export class SimVm extends Happening implements Platform {
  readonly host: SimHost;
  /** Unique in the life of its host. */
  readonly number: number;
  /** Unique in the simulation, and greater than that of any VM before it. */
  readonly id: number;
  /** In traces. */
  readonly name: string;
  /** The unikernel it runs. */
  readonly entry: string;
  readonly kernel: SimKernel;
  readonly observer: Observer;
  readonly carriers: Map<Home, SimCarrier> = new Map();
  readonly bootedAtMs: number;
  /** It is no more: nothing of it turns or is told. */
  gone = false;
  haltReason: ExitReason | undefined = undefined;
  pausedUntilMs = 0;
  slowUntilMs = 0;
  /** The most that a turn is late while it is slow. */
  slowMs = 0;
  /** Its clock is ahead of the others'. */
  aheadMs = 0;
  private readonly simulator: Simulator;
  private readonly entropy: Random;
  private readonly chance: Random;
  private polls = 0;
  private turning = false;

  constructor(simulator: Simulator, host: SimHost, { number, id, entry }: SimVmSpec) {
    super();
    this.simulator = simulator;
    this.host = host;
    this.number = number;
    this.id = id;
    this.name = vmName(host.address, number);
    this.entry = entry;
    this.bootedAtMs = simulator.nowMs;
    this.observer = simulator.observer;
    // Streams of its own: what one VM draws changes nothing for another.
    const stream = host.ordinal * streamsOfHost + 2 * number;
    this.entropy = simulator.stream(stream);
    this.chance = simulator.stream(stream + 1);
    this.kernel = new SimKernel(this, this, this.observer, simulator.options.development);
  }

  /** What its host is called in the VMs of another: "" in those of the same one. */
  hostSeenBy(other: SimVm): string {
    return other.host === this.host ? "" : this.host.address;
  }

  now(): number {
    return this.simulator.nowMs + this.aheadMs;
  }

  timeOfDay(): number {
    return 1_700_000_000_000 + Math.floor(this.now());
  }

  random(): number {
    return this.entropy.next();
  }

  wake(): void {
    if (this.gone || this.turning) return;
    this.simulator.woken = true;
    this.turnBy(this.simulator.nowMs);
  }

  sliceOver(): boolean {
    return --this.polls <= 0;
  }

  report(event: KernelEvent): void {
    this.observer.report(this, event);
  }

  connect(home: Home): Carrier | undefined {
    return this.simulator.lines.connect(this, home);
  }

  abortController(): AbortControl {
    return new AbortController();
  }

  halt(reason: ExitReason): void {
    this.haltReason = reason;
    // A signal that has just come in was the root's end.
    this.wake();
  }

  /** Its turn. */
  override happen(): void {
    const { simulator, kernel, pausedUntilMs } = this;
    if (this.gone) return;
    if (pausedUntilMs > simulator.nowMs) return simulator.schedule.set(this, pausedUntilMs);
    const drawn = this.chance.chance(1 / 2) ? pollsMax : 1 + this.chance.below(8);
    this.polls = drawn;
    this.turning = true;
    const nextAtMs = kernel.turn();
    this.turning = false;
    this.noticePromises();
    for (const carrier of this.carriers.values()) carrier.flush();
    if (this.haltReason !== undefined) return simulator.halted(this, this.haltReason);
    for (const way of simulator.lines.into(this)) way.deliver();
    // Work that is left takes its time, so that one who never rests does not stop the clock.
    if (nextAtMs === 0) this.turnBy(simulator.nowMs + pollMs * drawn);
    else if (nextAtMs !== Infinity) this.turnBy(Math.max(nextAtMs - this.aheadMs, simulator.nowMs + pollMs));
  }

  /** After anything that may have settled one. */
  noticePromises(): void {
    if (!this.kernel.promisesMoved) return;
    this.kernel.promisesMoved = false;
    this.simulator.promisesMoved = true;
  }

  private turnBy(atMs: number): void {
    const { simulator } = this;
    const lateMs = simulator.nowMs < this.slowUntilMs ? this.chance.between([0, this.slowMs]) : 0;
    simulator.schedule.setBy(this, atMs + lateMs);
  }
}
