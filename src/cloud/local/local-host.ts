/**
 * This machine as a host of a cloud: VMs are booted by a host's toolstack, with their identity as their name. A VM that is held stands still where its
 * target can do that. Else, and where it owns a process of the operating system, which would go on, it is ended, and booted again when it
 * is let go: what does not run does not act.
 */
import { availableParallelism, hostname, totalmem } from "node:os";
import { crashOf, type ExitReason, reasonText } from "../../../kernel/index.ts";
import type { Host } from "../../host/host.ts";
import type { RunningVm } from "../../host/host-options.ts";
import { allTargets } from "../../host/targets.ts";
import type { CloudHost, CloudHostEvents, VmOrder } from "../cloud-host.ts";
import { fill, fillAll } from "../fill.ts";
import type { AnyImage } from "../../image/image.ts";
import type { HostInfo } from "../host-table.ts";
import { Gate } from "./gate.ts";
import type { Programs } from "./programs.ts";

export interface LocalHostOptions {
  /** Of this host in its cloud. Default: the machine's. */
  readonly name?: string;
  readonly region?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** MiB. Default: the machine's memory. */
  readonly memoryMbMax?: number;
  /** For `budget.moneyPerHour`, in its currency. Default: 0. */
  readonly pricePerHour?: number;
}

/** VMs of one host: the board of each of its domains has room for so many. */
export const localVmsMax = 20_000;

export const localInfo = ({
  name = hostname().replaceAll(/[^A-Za-z0-9-]/g, "-"),
  region = "local",
  labels = {},
  memoryMbMax,
  pricePerHour = 0,
}: LocalHostOptions): HostInfo => ({
  name,
  region,
  labels,
  targets: allTargets.map(({ name }) => name),
  vmsMax: localVmsMax,
  memoryMbMax: memoryMbMax ?? Math.floor(totalmem() / 2 ** 20),
  pricePerHour,
});

interface LocalVm {
  /** Once it is ready. */
  running: RunningVm | undefined;
  isToStop: boolean;
  isHeld: boolean;
  /** What was booted last was ended since it is held, for it cannot be suspended. */
  isPaused: boolean;
  /** It is there, and does nothing. */
  isSuspended: boolean;
  /** It is let go, or is to end. */
  released: () => void;
}

/** What it needs of a host. */
export type Toolstack = Pick<Host, "boot" | "running" | "kill">;

const nameOf = ({ role, ordinal }: VmOrder): string => `${role.name}/${ordinal}`;

async function letGo(vm: LocalVm): Promise<void> {
  while (vm.isHeld && !vm.isToStop)
    await new Promise<void>((resolve) => {
      vm.released = resolve;
    });
}

export class LocalHost implements CloudHost {
  readonly info: HostInfo;
  readonly bootsAtOnce: number = 4 * availableParallelism();
  events: CloudHostEvents | undefined;
  private readonly host: Toolstack;
  private readonly programs: Pick<Programs, "of">;
  private readonly vms = new Map<VmOrder, LocalVm>();
  /** All that are let go come back in one moment. */
  private readonly gate = new Gate(this.bootsAtOnce);

  constructor(host: Toolstack, programs: Pick<Programs, "of">, options: LocalHostOptions) {
    this.host = host;
    this.programs = programs;
    this.info = localInfo(options);
  }

  boot(order: VmOrder): void {
    const vm: LocalVm = {
      running: undefined,
      isToStop: false,
      isHeld: false,
      isPaused: false,
      isSuspended: false,
      released: () => {},
    };
    this.vms.set(order, vm);
    void this.live(order, vm).then((reason) => {
      this.vms.delete(order);
      this.events?.ended(order, reason);
    });
  }

  stop(order: VmOrder): void {
    const vm = this.vms.get(order);
    if (vm === undefined) return;
    vm.isToStop = true;
    vm.released();
    if (vm.running === undefined) this.kill(order, vm);
    else void vm.running.stop();
  }

  hold(order: VmOrder, held: boolean): void {
    const vm = this.vms.get(order);
    if (vm === undefined || vm.isHeld === held) return;
    vm.isHeld = held;
    if (!held) this.resume(vm);
    else if (order.role.run.type === "image" && vm.running?.hold(true) === true) vm.isSuspended = true;
    else if (this.kill(order, vm)) vm.isPaused = true;
  }

  private resume(vm: LocalVm): void {
    if (vm.isSuspended) vm.running?.hold(false);
    vm.isSuspended = false;
    vm.released();
  }

  /** Whether there was something of it, booting or ready. */
  private kill(order: VmOrder, { running }: LocalVm): boolean {
    if (running !== undefined) {
      void running.kill();
      return true;
    }
    // Its programs may boot others under any name, but these are not the host's own.
    const name = nameOf(order);
    const booting = this.host.running.find(
      (each) => each.name === name && each.owner === 0 && each.ownerHost === "",
    );
    if (booting !== undefined) this.host.kill(booting.vm);
    return booting !== undefined;
  }

  /** From its boot to its end: why it ended. */
  private async live(order: VmOrder, vm: LocalVm): Promise<string> {
    for (;;) {
      const reason = await this.liveOnce(order, vm);
      if (vm.isToStop || !vm.isPaused) return reasonText(reason);
    }
  }

  /** Until it has ended, or is ended since it is held. */
  private async liveOnce(order: VmOrder, vm: LocalVm): Promise<ExitReason> {
    try {
      const image = await this.programs.of(order.role);
      let running: RunningVm | undefined;
      while (running === undefined) {
        await letGo(vm);
        if (vm.isToStop) return "shutdown";
        running = await this.gate.pass(() => this.start(order, vm, image));
      }
      vm.running = running;
      if (vm.isToStop) void running.stop();
      else if (!vm.isPaused) this.events?.started(order);
      return await running.ended;
    } catch (problem) {
      return crashOf(problem);
    } finally {
      vm.running = undefined;
      vm.isSuspended = false;
    }
  }

  /** Undefined: it may not be there now. Else it boots within this call: there is no moment in which that is under way and the host does not know it. */
  private async start(order: VmOrder, vm: LocalVm, image: AnyImage): Promise<RunningVm | undefined> {
    if (vm.isHeld || vm.isToStop) return undefined;
    // From here on there is something to be killed.
    vm.isPaused = false;
    const { run, targets, memoryMb } = order.role;
    const name = nameOf(order);
    // It was placed here since this host has one of them.
    const target = targets.find((each) => this.info.targets.includes(each)) ?? "isolate";
    const options = { name, target, memoryMb };
    if (run.type === "image") {
      // Sound: a list stays a list.
      const args = fillAll(run.args, order) as readonly unknown[];
      return this.host.boot(image, args.length === 0 ? options : { ...options, args });
    }
    const filled = {
      ...run,
      args: run.args.map((arg) => fill(arg, order)),
      env: Object.fromEntries(Object.entries(run.env).map(([key, value]) => [key, fill(value, order)])),
      cwd: fill(run.cwd, order),
      ready: fillAll(run.ready, order),
    };
    const bootTimeoutMs = run.readyTimeoutMs + 5000;
    return this.host.boot(image, { ...options, bootTimeoutMs, args: [filled] });
  }
}
