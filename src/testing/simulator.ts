import { setImmediate } from "node:timers";
import {
  reasonText,
  type Address,
  type Cell,
  type ExitReason,
  type Home,
  type Kernel,
  type KernelEvent,
  type SealedUnikernel,
} from "../../kernel/index.ts";
import { simError, type Failure } from "./errors.ts";
import { checkBonds, type Whereabouts } from "./invariants/bonds.ts";
import { checkEmpty } from "./invariants/leaks.ts";
import type { Violated } from "./invariants/ledger.ts";
import { checkCalls } from "./invariants/severed.ts";
import type { Population } from "./invariants/supervision.ts";
import { Lines } from "./lines.ts";
import { Network } from "./network.ts";
import { Observer } from "./observer.ts";
import type { CheckedOptions } from "./options.ts";
import { Random, type Range } from "./random.ts";
import { shown } from "./reason.ts";
import { Once, Schedule } from "./schedule.ts";
import { SimHost } from "./sim-host.ts";
import { Trace } from "./trace.ts";
import { SimVm } from "./vm.ts";

/** Lines of the trace that an error shows. */
const tailLines = 25;
/** Events between two looks at every bond of every actor. */
const eventsPerAudit = 32;
/** The first of the random streams of which each life of a host takes one. */
const hostStream = -1_000_000;

/**
 * The machine under all simulated VMs: one thread, one schedule, one clock that moves only when nothing is left to do at its
 * time. Everything that happens, happens here one after the other, in an order that the seed decides.
 */
export class Simulator implements Population, Whereabouts {
  nowMs = 0;
  events = 0;
  /** A VM has been woken from outside of its turn. */
  woken = false;
  /** A promise of an actor was made or settled. */
  promisesMoved = false;
  /** The first thing that went wrong. */
  failure: Error | undefined = undefined;
  readonly options: CheckedOptions;
  readonly chance: Random;
  readonly schedule: Schedule;
  readonly trace: Trace;
  readonly observer: Observer;
  readonly lines: Lines;
  readonly network: Network;
  /** Where the program was booted: the only one, unless the simulation was told of others. No fault ends it. */
  readonly host: SimHost;
  /** After each event. */
  afterEvent: () => void = () => {};
  onReport: (event: KernelEvent) => void = () => {};
  private readonly program: SealedUnikernel;
  private readonly vms = new Map<Kernel, SimVm>();
  private made = 0;
  /** Lives of hosts. */
  private lives = 0;
  private readonly apart = new Set<string>();
  private auditedAt = 0;

  constructor(program: SealedUnikernel, options: CheckedOptions) {
    this.options = options;
    this.chance = this.stream(-1);
    this.schedule = new Schedule(this.stream(-2));
    this.trace = new Trace(options.traceLines);
    this.observer = new Observer(this.trace, this, this.violated, (event) => this.reported(event));
    this.lines = new Lines(this);
    this.network = new Network(this);
    this.program = program;
    const [first = "", ...others] = options.hosts;
    this.host = this.newHost(first);
    this.network.add(this.host);
    for (const name of others) this.network.add(this.newHost(name));
  }

  /** A new life of a host, with no VMs but its own. */
  newHost(name: string): SimHost {
    const ordinal = this.lives++;
    const incarnation = this.stream(hostStream + ordinal)
      .bits()
      .toString(16)
      .padStart(8, "0");
    return new SimHost(this, this.program, { name, incarnation, ordinal });
  }

  get delayRange(): Range {
    return this.options.delayMs;
  }

  delayMs(): number {
    return this.chance.between(this.options.delayMs);
  }

  /** Random numbers of its own for each purpose. */
  stream(number: number): Random {
    return new Random(this.options.seed, number);
  }

  make(host: SimHost, number: number, entry: string): SimVm {
    const vm = new SimVm(this, host, { number, id: this.made++, entry });
    this.observer.incarnations.vm(vm.name);
    this.vms.set(vm.kernel, vm);
    this.observer.note(vm, `boot ${entry}`);
    return vm;
  }

  unmake(vm: SimVm, reason: ExitReason, drained: boolean): void {
    this.remove(vm, reason, drained);
    this.observer.note(vm, `gone: ${shown(reason)}`);
  }

  /** With its host: nobody is told. `drained`: what it has said may still arrive. */
  vanish(vm: SimVm, drained: boolean): void {
    this.remove(vm, undefined, drained);
    this.observer.note(vm, "gone with its host");
  }

  private remove(vm: SimVm, reason: ExitReason | undefined, drained: boolean): void {
    vm.gone = true;
    this.vms.delete(vm.kernel);
    this.schedule.remove(vm);
    this.lines.ended(vm, reason, drained);
    this.observer.incarnations.vmGone(vm.name);
  }

  /** The root has ended, and its VM with it: nothing may be left, and all it said is heard. */
  halted(vm: SimVm, reason: ExitReason): void {
    for (const carrier of vm.carriers.values()) {
      if (!carrier.closed && !carrier.flushed) return this.schedule.setBy(vm, this.nowMs + 1);
    }
    checkEmpty(vm.name, vm.kernel, this.violated);
    vm.host.end(vm.number, reason, true);
  }

  /** As the VMs of `by` call it. */
  vmSeen(by: SimHost, { host, vm }: Pick<Home, "host" | "vm">): SimVm | undefined {
    const at = host === "" ? by : this.network.hosts.find(({ address }) => address === host);
    return at?.vmOf(vm);
  }

  kernelAt(from: Kernel, home: Pick<Home, "host" | "vm">): Kernel | undefined {
    const by = this.vms.get(from)?.host;
    return by === undefined ? undefined : this.vmSeen(by, home)?.kernel;
  }

  hostSeen(by: Kernel, kernel: Kernel): string {
    const [at, seen] = [this.vms.get(by), this.vms.get(kernel)];
    return at === undefined || seen === undefined ? "" : seen.hostSeenBy(at);
  }

  /** Without those of hosts, in the order in which they were booted. */
  get guests(): readonly SimVm[] {
    return [...this.vms.values()].filter(({ number }) => number !== 0);
  }

  cut(a: SimVm, b: SimVm): void {
    this.apart.add(pairOf(a.id, b.id));
    this.lines.cut(a, b);
  }

  /** Longer than the watchdog allows, and the host ends it. */
  pause(vm: SimVm, forMs: number): void {
    vm.pausedUntilMs = Math.max(vm.pausedUntilMs, this.nowMs + forMs);
    const watchdogMs = vm.host.kept.get(vm.number)?.watchdogMs ?? Infinity;
    if (forMs <= watchdogMs) return;
    const message = `the VM's loop has not turned for ${watchdogMs} ms`;
    const bark = new Once(() => {
      if (vm.gone || vm.pausedUntilMs <= this.nowMs) return;
      // With its host, which has to be there to see it.
      if (vm.host.pausedUntilMs > this.nowMs) return this.schedule.set(bark, vm.host.pausedUntilMs);
      vm.host.end(vm.number, { type: "crash", name: "Watchdog", code: "VM_WEDGED", message }, true);
    });
    this.schedule.set(bark, this.nowMs + watchdogMs);
  }

  /** What was only to last for a while is over. */
  heal(): void {
    this.network.heal();
    for (const vm of this.vms.values()) {
      vm.pausedUntilMs = 0;
      vm.slowUntilMs = 0;
      vm.wake();
    }
    this.lines.heal();
  }

  isAlive({ kernel }: Cell, address: Address): boolean {
    return (this.kernelAt(kernel, address)?.entry(address.serial)?.ref.cell ?? null) !== null;
  }

  areApart({ kernel }: Cell, address: Address): boolean {
    const by = this.vms.get(kernel);
    const vm = by === undefined ? undefined : this.vmSeen(by.host, address);
    if (by === undefined || vm === undefined) return false;
    return this.apart.has(pairOf(by.id, vm.id)) || this.network.lostAtMs(by.host, vm.host) >= vm.bootedAtMs;
  }

  readonly violated: Violated = (invariant, detail) => {
    this.failure ??= simError("SIM_INVARIANT", { ...this.circumstances, invariant, detail });
  };

  get circumstances(): Failure {
    const { seed, repeat } = this.options;
    return { seed, nowMs: this.nowMs, tail: this.trace.lines.slice(-tailLines), repeat };
  }

  /** Lets happen what is to happen up to that time, or until `done` says so. Throws the first thing that goes wrong. */
  async run(untilMs: number, done: () => boolean): Promise<void> {
    for (;;) {
      await this.settle();
      if (this.failure !== undefined) throw this.failure;
      if (done()) return;
      const { first } = this.schedule;
      if (first === undefined || first.atMs > untilMs) break;
      if (first.atMs > this.nowMs) this.moveTo(first.atMs);
      this.schedule.remove(first);
      if (++this.events > this.options.eventsMax)
        throw simError("SIM_ENDLESS", { ...this.circumstances, eventsMax: this.options.eventsMax });
      this.let(() => first.happen());
      this.afterEvent();
      if (this.events - this.auditedAt >= eventsPerAudit) this.audit();
    }
    if (untilMs < Infinity) this.moveTo(untilMs);
  }

  /** Nothing is under way, and no host is still to hear that it has lost another. */
  get quiet(): boolean {
    return this.lines.quiet && this.network.settled;
  }

  /** Every bond between any two actors, if nothing is under way that could explain a difference. */
  audit(): void {
    this.auditedAt = this.events;
    if (!this.quiet) return;
    checkBonds([...this.vms.keys()], this, this.violated);
    for (const { name, host, kernel } of this.vms.values())
      checkCalls(name, kernel, (home) => this.vmSeen(host, home) !== undefined, this.violated);
  }

  private moveTo(nowMs: number): void {
    this.nowMs = nowMs;
    this.trace.at(nowMs);
  }

  /**
   * Promises go on before anything else happens. Where one is known to have moved, all that can go on does: a macrotask comes
   * only when no microtask is left. Else one look is enough to see whether somebody is woken by a promise that nobody told of.
   */
  private async settle(): Promise<void> {
    if (!this.promisesMoved) {
      this.woken = false;
      await undefined;
      if (!this.woken && !this.promisesMoved) return;
    }
    do {
      this.promisesMoved = false;
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    } while (this.promisesMoved);
  }

  private let(happen: () => void): void {
    try {
      happen();
    } catch (problem) {
      const text = problem instanceof Error ? `${problem.name}: ${problem.message}` : String(problem);
      throw simError("SIM_BROKEN", { ...this.circumstances, problem: text }, problem);
    }
  }

  private reported(event: KernelEvent): void {
    this.onReport(event);
    if (event.type !== "crash" || this.options.crashes(event)) return;
    const actor = `${event.label} ${event.actor}`;
    const reason = reasonText(event.reason);
    this.failure ??= simError("SIM_CRASH", { ...this.circumstances, actor, reason });
  }
}

const pairOf = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`);
