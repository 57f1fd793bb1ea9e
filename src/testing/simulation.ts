import type { Cell, ExitReason, Ref, Self } from "../../kernel/index.ts";
import { viewOf, viewOfVm, type ActorView, type VmView } from "./view.ts";
import type { Simulator } from "./simulator.ts";
import type { SimVm } from "./vm.ts";

/** By number, by the name of its unikernel (the newest of that name), or itself. */
export type VmName = number | string | VmView;

/**
 * A simulation in the hands of its user: looks at all VMs at once, does what a fault does, and talks to the program from outside.
 * Given to steps and invariants.
 */
export class Simulation<M> {
  readonly seed: number;
  /** The root of the first VM. */
  readonly root: Ref<M>;
  private readonly simulator: Simulator;

  constructor(simulator: Simulator, root: Ref<M>) {
    this.simulator = simulator;
    this.root = root;
    this.seed = simulator.options.seed;
  }

  /** Virtual time since the first VM was booted, in ms. */
  get nowMs(): number {
    return this.simulator.nowMs;
  }

  /** An actor outside of the program: to send, call and watch. */
  get self(): Self<never> {
    return this.simulator.host.self;
  }

  get vms(): readonly VmView[] {
    return this.simulator.guests.map((vm) => viewOfVm(vm, this.simulator.host));
  }

  /** Live VMs that have talked to each other, and can. Without the host. */
  get pairs(): readonly (readonly [VmView, VmView])[] {
    const { host, lines } = this.simulator;
    return lines.pairs
      .filter(([a, b]) => a.number !== 0 && b.number !== 0)
      .map(([a, b]) => [viewOfVm(a, host), viewOfVm(b, host)] as const);
  }

  /** Undefined: there is none now. */
  vm(name: VmName): VmView | undefined {
    const found = this.find(name);
    return found === undefined ? undefined : viewOfVm(found, this.simulator.host);
  }

  /** Of all VMs; with this label, if one is given. */
  actors(label?: string): readonly ActorView[] {
    const all = this.vms.flatMap(({ actors }) => actors);
    return label === undefined ? all : all.filter((actor) => actor.label === label);
  }

  /** Undefined: it has ended. */
  actor(ref: Ref<never>): ActorView | undefined {
    const cell = this.cell(ref);
    return cell === undefined ? undefined : viewOf(cell, this.simulator.host);
  }

  isAlive(ref: Ref<never>): boolean {
    return this.cell(ref) !== undefined;
  }

  /** Something is under way between VMs: what is true of the whole may not be true now. */
  get busy(): boolean {
    return !this.simulator.lines.quiet;
  }

  /** At once, with what it had not said yet; its links and monitors hear `killed`. */
  kill(name: VmName): void {
    const { host, chance } = this.simulator;
    this.on(name, "kill", (vm) => host.end(vm.number, "killed", chance.chance(1 / 2)));
  }

  /** Its vCPU does not run; one that is paused for longer than its watchdog allows is killed. */
  pause(name: VmName, forMs: number): void {
    this.on(name, `pause for ${forMs} ms`, (vm) => this.simulator.pause(vm, forMs));
  }

  /** They lose each other for the rest of their lives; each side notices in its own time. */
  cut(one: VmName, other: VmName): void {
    this.onBoth(one, other, "cut from", (a, b) => this.simulator.cut(a, b));
  }

  /** Nothing goes through between them for so long; then everything, in order. */
  hold(one: VmName, other: VmName, forMs: number): void {
    this.onBoth(one, other, `held for ${forMs} ms from`, (a, b) => this.simulator.lines.hold(a, b, forMs));
  }

  /** Its turns are late, each by up to `byMs`. */
  slow(name: VmName, forMs: number, byMs: number): void {
    this.on(name, `slow for ${forMs} ms`, (vm) => {
      vm.slowUntilMs = this.nowMs + forMs;
      vm.slowMs = byMs;
    });
  }

  /** Its clock is ahead by so much more from now on. */
  jump(name: VmName, byMs: number): void {
    this.on(name, `clock jumps by ${byMs} ms`, (vm) => {
      vm.aheadMs += byMs;
      vm.wake();
    });
  }

  /** An exit signal from outside: `kill` cannot be trapped. */
  crash(ref: Ref<never>, reason: ExitReason = "kill"): void {
    const cell = this.cell(ref);
    if (cell === undefined) return;
    this.on(ref.vm, `crash ${ref.toString()}`, (vm) => {
      const from = vm.kernel.address("", 0, this.self.ref.serial);
      vm.kernel.exitSignal(cell, from, reason, false);
      vm.wake();
    });
  }

  private find(name: VmName): SimVm | undefined {
    if (typeof name === "object") return this.simulator.vm(name.number);
    if (typeof name === "number") return this.simulator.vm(name);
    return this.simulator.guests.findLast(({ entry }) => entry === name);
  }

  private cell(ref: Ref<never>): Cell | undefined {
    return this.simulator.vm(ref.vm)?.kernel.entry(ref.serial)?.ref.cell ?? undefined;
  }

  private on(name: VmName, what: string, act: (vm: SimVm) => void): void {
    const vm = this.find(name);
    if (vm === undefined || vm.number === 0) return;
    this.simulator.observer.note(undefined, `${vm.name} ${what}`);
    act(vm);
  }

  private onBoth(one: VmName, other: VmName, what: string, act: (a: SimVm, b: SimVm) => void): void {
    const [a, b] = [this.find(one), this.find(other)];
    if (a === undefined || b === undefined || a === b || a.number * b.number === 0) return;
    this.simulator.observer.note(undefined, `${a.name} ${what} ${b.name}`);
    act(a, b);
  }
}
