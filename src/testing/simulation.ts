import type { Cell, ExitReason, Ref, Self } from "../../kernel/index.ts";
import { viewOf, viewOfVm, vmOfView, type ActorView, type HostView, type VmView } from "./view.ts";
import { refused } from "./options.ts";
import { Once } from "./schedule.ts";
import type { SimHost } from "./sim-host.ts";
import type { Simulator } from "./simulator.ts";
import type { SimVm } from "./vm.ts";

/** By number (on the first host), by the name of its unikernel (the newest of that name), or itself. */
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

  /** Those that are there. The first is where the program was booted. */
  get hosts(): readonly HostView[] {
    const { network, host } = this.simulator;
    return network.hosts.map(({ name, address, kept }) => ({
      name,
      address,
      get vms() {
        return Array.from(kept.values(), ({ vm }) => viewOfVm(vm, host));
      },
    }));
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
    const vm = this.vmOf(ref);
    return cell === undefined || vm === undefined ? undefined : viewOf(cell, vm, this.simulator.host);
  }

  isAlive(ref: Ref<never>): boolean {
    return this.cell(ref) !== undefined;
  }

  /** Something is under way between VMs: what is true of the whole may not be true now. */
  get busy(): boolean {
    return !this.simulator.quiet;
  }

  /** At once, with what it had not said yet; its links and monitors hear `killed`. */
  kill(name: VmName): void {
    const { chance } = this.simulator;
    this.on(name, "kill", (vm) => vm.host.end(vm.number, "killed", chance.chance(1 / 2)));
  }

  /**
   * The host is gone, with all its VMs: at once for those that its connections end with, else after the detection time. It comes
   * back after so long as a new life of that host, without VMs. Throws `SIM_OPTION` for the first host.
   */
  killHost(name: string, backAfterMs = Infinity): void {
    const { simulator } = this;
    if (name === simulator.host.name) throw refused("killHost", "a host other than the first", name);
    this.onHost(name, "killed", (host) => {
      simulator.network.kill(host, simulator.chance.chance(1 / 2));
      if (backAfterMs === Infinity) return;
      const back = new Once(() => simulator.network.addLate(simulator.newHost(name)));
      simulator.schedule.set(back, simulator.nowMs + backAfterMs);
    });
  }

  /**
   * Two hosts do not reach each other for so long; longer than the detection time, and they lose each other. `"to"`: only what
   * `one` sends to `other` is lost.
   */
  cutHosts(one: string, other: string, forMs: number, ways: "both" | "to" = "both"): void {
    const { network } = this.simulator;
    const to = network.named(other);
    if (to === undefined || one === other) return;
    this.onHost(one, `cut from ${to.address} for ${forMs} ms, ${ways}`, (host) => {
      network.cut(host, to, forMs);
      if (ways === "both") network.cut(to, host, forMs);
    });
  }

  /** None of a host's VMs runs for so long; longer than the detection time, and the others lose it. */
  pauseHost(name: string, forMs: number): void {
    this.onHost(name, `pause for ${forMs} ms`, (host) => this.simulator.network.pause(host, forMs));
  }

  /** Its vCPU does not run; one that is paused for longer than its watchdog allows is killed. */
  pause(name: VmName, forMs: number): void {
    this.on(name, `pause for ${forMs} ms`, (vm) => this.simulator.pause(vm, forMs));
  }

  /**
   * They lose each other, and each side notices in its own time: those of one host for the rest of their lives; between two hosts
   * whoever sends next asks for a new way.
   */
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
    const vm = this.vmOf(ref);
    this.onVm(vm, `crash ${cell.ref.toString()}`, (vm) => {
      const host = this.simulator.host.vm.hostSeenBy(vm);
      const from = vm.kernel.address(host, 0, this.self.ref.serial);
      vm.kernel.exitSignal(cell, from, reason, false);
      vm.wake();
    });
  }

  private find(name: VmName): SimVm | undefined {
    if (typeof name === "number") return this.simulator.host.vmOf(name);
    if (typeof name === "object") {
      const vm = vmOfView(name);
      return vm?.gone === true ? undefined : vm;
    }
    return this.simulator.guests.findLast(({ entry }) => entry === name);
  }

  private cell(ref: Ref<never>): Cell | undefined {
    return this.vmOf(ref)?.kernel.entry(ref.serial)?.ref.cell ?? undefined;
  }

  /** As the first host calls it. */
  private vmOf(ref: Ref<never>): SimVm | undefined {
    return this.simulator.vmSeen(this.simulator.host, ref);
  }

  private on(name: VmName, what: string, act: (vm: SimVm) => void): void {
    this.onVm(this.find(name), what, act);
  }

  private onVm(vm: SimVm | undefined, what: string, act: (vm: SimVm) => void): void {
    if (vm === undefined || vm.number === 0) return;
    this.simulator.observer.note(undefined, `${vm.name} ${what}`);
    act(vm);
  }

  private onHost(name: string, what: string, act: (host: SimHost) => void): void {
    const host = this.simulator.network.named(name);
    if (host === undefined) return;
    this.simulator.observer.note(undefined, `${host.address} ${what}`);
    act(host);
  }

  private onBoth(one: VmName, other: VmName, what: string, act: (a: SimVm, b: SimVm) => void): void {
    const [a, b] = [this.find(one), this.find(other)];
    if (a === undefined || b === undefined || a === b || a.number * b.number === 0) return;
    this.simulator.observer.note(undefined, `${a.name} ${what} ${b.name}`);
    act(a, b);
  }
}
