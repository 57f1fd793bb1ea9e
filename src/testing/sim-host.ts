import {
  addressOf,
  behaviorOf,
  crashOf,
  hostSerial,
  hostVm,
  refTo,
  selfOf,
  type BootRequest,
  type ExitReason,
  type HostDown,
  type HostProtocol,
  type HostUp,
  type OtherHost,
  type Ref,
  type SealedUnikernel,
  type Self,
} from "../../kernel/index.ts";
import { BootsAbroad } from "../cluster/boots-abroad.ts";
import { fullName } from "../cluster/host-name.ts";
import { srcError } from "../errors.ts";
import { checkBoot } from "../host/boot-options.ts";
import { Grant } from "../host/grant.ts";
import { HostActor, type BootOutcome, type Errands, type Toolstack } from "../host/host-actor.ts";
import { defaultBootTimeoutMs, defaultWatchdogMs, graceMs } from "../host/life.ts";
import { outside } from "../host/outside.ts";
import { neverMade, startRoot } from "../host/start-root.ts";
import { Init, type InitProtocol } from "../targets/init.ts";
import type { Range } from "./random.ts";
import { Once } from "./schedule.ts";
import { SimErrands } from "./sim-errands.ts";
import type { Simulator } from "./simulator.ts";
import type { SimVm } from "./vm.ts";

/** How long it takes until a new VM turns for the first time. */
const bootMs: Range = [1, 20];

/** One VM as the simulated host keeps it. */
export interface Kept {
  readonly vm: SimVm;
  readonly watchdogMs: number;
  readonly owner: Ref<never>;
  readonly ended: Promise<ExitReason>;
  readonly tell: (reason: ExitReason) => void;
  root: Ref<never> | undefined;
}

/** Which host, and which of its lives. */
export interface SimHostSpec {
  /** "": it is alone, and nobody calls it by a name. */
  readonly name: string;
  readonly incarnation: string;
  /** Lives of hosts before this one. */
  readonly ordinal: number;
}

/**
 * The toolstack of one simulated host, from its start until it is killed: what `Host` is to real VMs, with the same first actor,
 * the same start of roots, the same boots on other hosts and the same times. It is a VM itself, number 0.
 */
export class SimHost implements Toolstack {
  readonly name: string;
  /** What it is called in the addresses of others. */
  readonly address: string;
  readonly ordinal: number;
  readonly vm: SimVm;
  /** An actor of VM 0, to act from outside. */
  readonly self: Self<never>;
  readonly kept: Map<number, Kept> = new Map();
  readonly errands: Errands | undefined;
  pausedUntilMs = 0;
  pausedSinceMs = 0;
  goneAtMs = Infinity;
  private readonly simulator: Simulator;
  private readonly program: SealedUnikernel;
  private readonly actor: HostActor;
  private readonly abroad: BootsAbroad<SealedUnikernel>;
  private booted = 0;

  constructor(simulator: Simulator, program: SealedUnikernel, { name, incarnation, ordinal }: SimHostSpec) {
    this.simulator = simulator;
    this.program = program;
    this.name = name;
    this.address = name === "" ? "" : fullName(name, incarnation);
    this.ordinal = ordinal;
    this.errands = name === "" ? undefined : new SimErrands(this, program.name);
    this.vm = simulator.make(this, hostVm, "host");
    const { kernel } = this.vm;
    this.actor = new HostActor(this);
    kernel.spawn(this.actor, [], null);
    this.self = selfOf(kernel.spawn(behaviorOf(outside), [], null));
    this.abroad = new BootsAbroad(this.self, () => this.otherHosts, {
      after: (ms, act) => this.after(ms, act),
      // Every host has the program.
      pack: async (image) => ({ digest: image.name, bytes: new Uint8Array() }),
    });
  }

  /** Its own, and those it has booted. */
  get vms(): readonly SimVm[] {
    return [this.vm, ...Array.from(this.kept.values(), ({ vm }) => vm)];
  }

  vmOf(number: number): SimVm | undefined {
    return number === hostVm ? this.vm : this.kept.get(number)?.vm;
  }

  get otherHosts(): readonly OtherHost[] {
    const links = this.simulator.network.linksOf(this).filter((link) => link.isUpTo(this));
    return links.map((link) => this.nameOf(link.other(this)));
  }

  nameOf({ name, address }: SimHost): OtherHost {
    const ref = refTo<HostProtocol>(this.vm.kernel.address(address, hostVm, hostSerial));
    return { name, host: address, ref };
  }

  /** What it keeps for VMs and their actors. */
  get holds(): Readonly<Record<string, number>> {
    const { actor, abroad, kept } = this;
    return { names: actor.announced.length, "VMs elsewhere": abroad.holds, VMs: kept.size };
  }

  /** It has heard of all that has ended, and what it asked of other hosts is answered. */
  get idle(): boolean {
    const { actor, abroad, vm, name } = this;
    const asked = name === "" ? 0 : vm.kernel.calls.size;
    return actor.announced.length + abroad.holds + asked === 0;
  }

  heard(news: HostUp | HostDown): void {
    this.actor.tell(news);
    this.abroad.heard(news);
    this.simulator.promisesMoved = true;
  }

  /** No boot waits for another host any more. */
  close(): void {
    this.abroad.close();
    this.simulator.promisesMoved = true;
  }

  async bootFor(caller: number, request: BootRequest, owner: Ref<never>): Promise<BootOutcome> {
    if (!this.kept.has(caller)) return neverMade("noproc");
    const { entry, name = entry, args } = request;
    try {
      checkBoot({ ...request, name });
      const hosts = request.host === undefined ? undefined : [request.host].flat();
      if (hosts === undefined || (this.name !== "" && hosts[0] === this.name))
        return await this.bootHere(request, args, owner);
      if (this.name === "") throw srcError("HOST_ALONE", { hosts });
      const { host: _host, image: _image, ...asked } = request;
      const grant = Grant.outer({ name, declared: undefined });
      const image = this.program;
      return await this.abroad.boot({ ...asked, hosts, name, image, owner, grant, booter: "sim" });
    } catch (problem) {
      return neverMade(crashOf(problem));
    }
  }

  /** As far as it has room. */
  async bootHere(
    request: Omit<BootRequest, "args">,
    args: readonly unknown[] | undefined,
    owner: Ref<never>,
  ): Promise<BootOutcome> {
    const { vmsMax } = this.simulator.options;
    if (this.kept.size < vmsMax) return this.boot(request, args, owner);
    const message = `this host has ${vmsMax} VMs and can hold no more`;
    return neverMade({ type: "crash", name: "Host", code: "TOO_MANY_VMS", message });
  }

  async boot(
    request: Omit<BootRequest, "args">,
    args: readonly unknown[] | undefined,
    owner: Ref<never>,
  ): Promise<BootOutcome> {
    const { entry, bootTimeoutMs = defaultBootTimeoutMs } = request;
    const kept = this.make(request, owner);
    const { ended } = kept;
    const { number } = kept.vm;
    const made = { vm: number, name: entry, ended, loaded: true, kill: () => this.kill(number) };
    const outcome = await startRoot(made, { entry, bootTimeoutMs }, () => {
      const init = refTo<InitProtocol>(this.vm.kernel.address("", number, 1));
      return this.self.callWithin(bootTimeoutMs, init, "init", { entry, args, owner, probe: request.probe });
    });
    if (outcome.result.type === "booted") kept.root = outcome.result.root;
    return outcome;
  }

  retire(number: number): void {
    const kept = this.kept.get(number);
    if (kept === undefined) return;
    if (kept.root === undefined) return this.kill(number);
    this.self.exit(kept.root, "shutdown");
    this.after(graceMs, () => this.kill(number));
  }

  killFor(_caller: number, number: number, host: string): boolean {
    if (host === "") this.kill(number);
    else void this.abroad.kill(host, number);
    return true;
  }

  kill(number: number): void {
    this.end(number, "killed", true);
  }

  /** Nothing of it is left from here on. `drained`: what it has said is still heard. */
  end(number: number, reason: ExitReason, drained: boolean): void {
    const kept = this.kept.get(number);
    if (kept === undefined) return;
    this.kept.delete(number);
    this.simulator.unmake(kept.vm, reason, drained);
    kept.tell(reason);
    this.simulator.promisesMoved = true;
  }

  isRoot(address: Ref<never>): boolean {
    const root = this.kept.get(address.vm)?.root;
    return root !== undefined && addressOf(root).serial === address.serial;
  }

  /** Unless it is gone by then. Not while it stands still. */
  after(ms: number, act: () => void): () => void {
    const { simulator } = this;
    const once = new Once(() => {
      if (this.goneAtMs < Infinity) return;
      if (this.pausedUntilMs > simulator.nowMs) return simulator.schedule.set(once, this.pausedUntilMs);
      act();
      simulator.promisesMoved = true;
    });
    simulator.schedule.set(once, simulator.nowMs + ms);
    return () => simulator.schedule.remove(once);
  }

  private make(
    { entry, watchdogMs = defaultWatchdogMs }: Omit<BootRequest, "args">,
    owner: Ref<never>,
  ): Kept {
    const { simulator } = this;
    const vm = simulator.make(this, ++this.booted, entry);
    vm.pausedUntilMs = simulator.nowMs + simulator.chance.between(bootMs);
    let tell: (reason: ExitReason) => void = () => {};
    const ended = new Promise<ExitReason>((resolve) => {
      tell = resolve;
    });
    const kept: Kept = { vm, watchdogMs, owner, ended, tell, root: undefined };
    this.kept.set(vm.number, kept);
    simulator.lines.join(this.vm, vm);
    vm.kernel.spawn(new Init(this.program), [], null);
    return kept;
  }
}
