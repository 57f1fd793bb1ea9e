/**
 * This machine as a host of a cloud: VMs are booted by a host's toolstack, with their identity as their name. A VM that is held is ended, and
 * booted again when it is let go: what does not run does not act.
 */
import { availableParallelism, hostname, totalmem } from "node:os";
import { crashOf, reasonText } from "../../../kernel/index.ts";
import type { Host } from "../../host/host.ts";
import type { RunningVm } from "../../host/host-options.ts";
import { allTargets } from "../../host/targets.ts";
import type { CloudHost, CloudHostEvents, VmOrder } from "../cloud-host.ts";
import { fill, fillAll } from "../fill.ts";
import type { HostInfo } from "../host-table.ts";
import type { Programs } from "./programs.ts";

export interface LocalHostOptions {
  /** Of this host in its cloud. Default: the machine's. */
  readonly name?: string;
  readonly region?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** MiB. Default: the machine's memory. */
  readonly memoryMbMax?: number;
}

/** VMs of one host: the board of each of its domains has room for so many. */
export const localVmsMax = 20_000;

export const localInfo = ({
  name = hostname().replaceAll(/[^A-Za-z0-9-]/g, "-"),
  region = "local",
  labels = {},
  memoryMbMax,
}: LocalHostOptions): HostInfo => ({
  name,
  region,
  labels,
  targets: allTargets.map(({ name }) => name),
  vmsMax: localVmsMax,
  memoryMbMax: memoryMbMax ?? Math.floor(totalmem() / 2 ** 20),
  pricePerHour: 0,
});

interface LocalVm {
  /** Once it is ready. */
  running: RunningVm | undefined;
  isToStop: boolean;
  isHeld: boolean;
  /** It was ended since it is held. */
  isPaused: boolean;
  /** It is let go, or is to end. */
  released: () => void;
}

export class LocalHost implements CloudHost {
  readonly info: HostInfo;
  readonly bootsAtOnce: number = 4 * availableParallelism();
  events: CloudHostEvents | undefined;
  private readonly host: Host;
  private readonly programs: Programs;
  private readonly vms = new Map<VmOrder, LocalVm>();

  constructor(host: Host, programs: Programs, options: LocalHostOptions) {
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
    void vm.running?.stop();
  }

  hold(order: VmOrder, held: boolean): void {
    const vm = this.vms.get(order);
    if (vm === undefined || vm.isHeld === held) return;
    vm.isHeld = held;
    if (!held) return vm.released();
    vm.isPaused = true;
    void vm.running?.kill();
  }

  /** From its boot to its end: why it ended. */
  private async live(order: VmOrder, vm: LocalVm): Promise<string> {
    try {
      for (;;) {
        vm.isPaused = vm.isHeld;
        const running = await this.start(order);
        vm.running = running;
        if (vm.isToStop) void running.stop();
        else if (vm.isHeld) void running.kill();
        else this.events?.started(order);
        const reason = await running.ended;
        vm.running = undefined;
        if (vm.isToStop || !vm.isPaused) return reasonText(reason);
        if (vm.isHeld)
          await new Promise<void>((resolve) => {
            vm.released = resolve;
          });
        if (vm.isToStop) return reasonText(reason);
      }
    } catch (problem) {
      return reasonText(crashOf(problem));
    }
  }

  private async start(order: VmOrder): Promise<RunningVm> {
    const { role, ordinal } = order;
    const { run, targets, memoryMb } = role;
    const name = `${role.name}/${ordinal}`;
    // It was placed here since this host has one of them.
    const target = targets.find((each) => this.info.targets.includes(each)) ?? "isolate";
    const options = { name, target, memoryMb };
    const image = await this.programs.of(role);
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
