import {
  addressOf,
  behaviorOf,
  crashOf,
  refTo,
  selfOf,
  type BootRequest,
  type ExitReason,
  type OtherHost,
  type Ref,
  type SealedUnikernel,
  type Self,
} from "../../kernel/index.ts";
import { checkBoot } from "../host/boot-options.ts";
import { HostActor, type BootOutcome, type Toolstack } from "../host/host-actor.ts";
import { defaultBootTimeoutMs, defaultWatchdogMs, graceMs } from "../host/life.ts";
import { outside } from "../host/outside.ts";
import { neverMade, startRoot } from "../host/start-root.ts";
import { Init, type InitProtocol } from "../targets/init.ts";
import type { Range } from "./random.ts";
import { Once } from "./schedule.ts";
import type { Simulator } from "./simulator.ts";
import type { SimVm } from "./vm.ts";

/** How long it takes until a new VM turns for the first time. */
const bootMs: Range = [1, 20];

/** One VM as the simulated host keeps it. */
export interface Kept {
  readonly vm: SimVm;
  readonly watchdogMs: number;
  readonly ended: Promise<ExitReason>;
  readonly tell: (reason: ExitReason) => void;
  root: Ref<never> | undefined;
}

/**
 * The toolstack of the simulation: what `Host` is to real VMs, with the same first actor, the same start of roots and the same
 * times. It is VM 0, which no fault ever meets.
 */
export class SimHost implements Toolstack {
  readonly vm: SimVm;
  /** An actor of VM 0, to act from outside. */
  readonly self: Self<never>;
  /** There is no other one. */
  readonly errands = undefined;
  readonly otherHosts: readonly OtherHost[] = [];
  readonly kept: Map<number, Kept> = new Map();
  private readonly simulator: Simulator;
  private readonly program: SealedUnikernel;
  private booted = 0;

  constructor(simulator: Simulator, program: SealedUnikernel) {
    this.simulator = simulator;
    this.program = program;
    this.vm = simulator.make(0, "host");
    const { kernel } = this.vm;
    kernel.spawn(new HostActor(this), [], null);
    this.self = selfOf(kernel.spawn(behaviorOf(outside), [], null));
  }

  async bootFor(caller: number, request: BootRequest, owner: Ref<never>): Promise<BootOutcome> {
    if (!this.kept.has(caller)) return neverMade("noproc");
    try {
      checkBoot({ ...request, name: request.name ?? request.entry });
    } catch (problem) {
      return neverMade(crashOf(problem));
    }
    const { vmsMax } = this.simulator.options;
    if (this.kept.size >= vmsMax) {
      const message = `this host has ${vmsMax} VMs and can hold no more`;
      return neverMade({ type: "crash", name: "Host", code: "TOO_MANY_VMS", message });
    }
    return this.boot(request, request.args, owner);
  }

  async boot(
    request: Omit<BootRequest, "args">,
    args: readonly unknown[] | undefined,
    owner: Ref<never>,
  ): Promise<BootOutcome> {
    const { entry, bootTimeoutMs = defaultBootTimeoutMs } = request;
    const kept = this.make(request);
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
    const { simulator } = this;
    simulator.schedule.set(new Once(() => this.kill(number)), simulator.nowMs + graceMs);
  }

  killFor(_caller: number, number: number): boolean {
    this.kill(number);
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

  private make({ entry, watchdogMs = defaultWatchdogMs }: Omit<BootRequest, "args">): Kept {
    const { simulator } = this;
    const vm = simulator.make(++this.booted, entry);
    vm.pausedUntilMs = simulator.nowMs + simulator.chance.between(bootMs);
    let tell: (reason: ExitReason) => void = () => {};
    const ended = new Promise<ExitReason>((resolve) => {
      tell = resolve;
    });
    const kept: Kept = { vm, watchdogMs, ended, tell, root: undefined };
    this.kept.set(vm.number, kept);
    simulator.lines.join(this.vm, vm);
    vm.kernel.spawn(new Init(this.program), [], null);
    return kept;
  }
}
