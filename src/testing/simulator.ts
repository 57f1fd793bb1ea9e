import { setImmediate } from "node:timers";
import {
  reasonText,
  type Address,
  type Cell,
  type ExitReason,
  type KernelEvent,
  type SealedUnikernel,
} from "../../kernel/index.ts";
import { simError, type Failure } from "./errors.ts";
import { checkBonds } from "./invariants/bonds.ts";
import { checkEmpty } from "./invariants/leaks.ts";
import type { Violated } from "./invariants/ledger.ts";
import type { Population } from "./invariants/supervision.ts";
import { Lines } from "./lines.ts";
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

/**
 * The machine under all simulated VMs: one thread, one schedule, one clock that moves only when nothing is left to do at its
 * time. Everything that happens, happens here one after the other, in an order that the seed decides.
 */
export class Simulator implements Population {
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
  readonly host: SimHost;
  /** After each event. */
  afterEvent: () => void = () => {};
  onReport: (event: KernelEvent) => void = () => {};
  private readonly vms = new Map<number, SimVm>();
  private readonly apart = new Set<string>();
  private auditedAt = 0;

  constructor(program: SealedUnikernel, options: CheckedOptions) {
    this.options = options;
    this.chance = this.stream(-1);
    this.schedule = new Schedule(this.stream(-2));
    this.trace = new Trace(options.traceLines);
    this.observer = new Observer(this.trace, this, this.violated, (event) => this.reported(event));
    this.lines = new Lines(this);
    this.host = new SimHost(this, program);
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

  make(number: number, entry: string): SimVm {
    this.observer.incarnations.vm(number);
    const vm = new SimVm(this, number, entry, this.options.development);
    this.vms.set(number, vm);
    this.observer.note(vm, `boot ${entry}`);
    return vm;
  }

  unmake(vm: SimVm, reason: ExitReason, drained: boolean): void {
    vm.gone = true;
    this.vms.delete(vm.number);
    this.schedule.remove(vm);
    this.lines.ended(vm, reason, drained);
    this.observer.incarnations.vmGone(vm.number);
    this.observer.note(vm, `gone: ${shown(reason)}`);
  }

  /** The root has ended, and its VM with it: nothing may be left, and all it said is heard. */
  halted(vm: SimVm, reason: ExitReason): void {
    for (const carrier of vm.carriers.values()) {
      if (!carrier.closed && !carrier.flushed) return this.schedule.setBy(vm, this.nowMs + 1);
    }
    checkEmpty(vm.kernel, this.violated);
    this.host.end(vm.number, reason, true);
  }

  vm(number: number): SimVm | undefined {
    return this.vms.get(number);
  }

  /** Without the host's, in the order of their numbers. */
  get guests(): readonly SimVm[] {
    return [...this.vms.values()].filter(({ number }) => number !== 0);
  }

  cut(a: SimVm, b: SimVm): void {
    this.apart.add(pairOf(a.number, b.number));
    this.lines.cut(a, b);
  }

  /** Longer than the watchdog allows, and the host ends it. */
  pause(vm: SimVm, forMs: number): void {
    vm.pausedUntilMs = Math.max(vm.pausedUntilMs, this.nowMs + forMs);
    const watchdogMs = this.host.kept.get(vm.number)?.watchdogMs ?? Infinity;
    if (forMs <= watchdogMs) return;
    const message = `the VM's loop has not turned for ${watchdogMs} ms`;
    const bark = new Once(() => {
      if (vm.gone || vm.pausedUntilMs <= this.nowMs) return;
      this.host.end(vm.number, { type: "crash", name: "Watchdog", code: "VM_WEDGED", message }, true);
    });
    this.schedule.set(bark, this.nowMs + watchdogMs);
  }

  /** What was only to last for a while is over. */
  heal(): void {
    for (const vm of this.vms.values()) {
      vm.pausedUntilMs = 0;
      vm.slowUntilMs = 0;
      vm.wake();
    }
    this.lines.heal();
  }

  isAlive({ vm, serial }: Address): boolean {
    return (this.vms.get(vm)?.kernel.entry(serial)?.ref.cell ?? null) !== null;
  }

  areApart({ kernel }: Cell, { vm }: Address): boolean {
    return this.apart.has(pairOf(kernel.home.vm, vm));
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

  /** Every bond between any two actors, if nothing is under way that could explain a difference. */
  audit(): void {
    this.auditedAt = this.events;
    if (!this.lines.quiet) return;
    const kernels = Array.from(this.vms.values(), ({ kernel }) => kernel);
    checkBonds(kernels, (number) => this.vms.get(number)?.kernel, this.violated);
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
