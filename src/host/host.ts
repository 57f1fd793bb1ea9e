import { availableParallelism } from "node:os";
import {
  addressOf,
  crashOf,
  isOrderly,
  limits,
  MotesError,
  reasonText,
  refTo,
  selfOf,
  behaviorOf,
  type BootRequest,
  type Device,
  type ExitReason,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import type { AnyImage, Image } from "../image/image.ts";
import { remap } from "../image/stack.ts";
import { defaultLogger, pinoLog, type HostLog } from "../observe/log.ts";
import { eventLine } from "../targets/event-line.ts";
import type { InitProtocol } from "../targets/init.ts";
import { isolate } from "../targets/isolate/host.ts";
import { RingLine, type RingMemory } from "../targets/ring-line.ts";
import type { LogLine, Target, Vm, VmEvents, VmSpec } from "../targets/target.ts";
import { Vcpu } from "../targets/vcpu.ts";
import { bootError } from "./boot-error.ts";
import { checkBoot } from "./boot-options.ts";
import { type Domain, Domains, hostPlace } from "./domain.ts";
import { HostActor, type BootOutcome, type Toolstack } from "./host-actor.ts";
import { type Hosted, vmInfo, type VmInfo } from "./hosted.ts";
import { Flood } from "./flood.ts";
import { Grant } from "./grant.ts";
import { defaultBootTimeoutMs, defaultWatchdogMs, graceMs } from "./life.ts";
import { outside } from "./outside.ts";
import { neverMade, startRoot, type NewVm } from "./start-root.ts";
import { Targets } from "./targets.ts";
import { Watchdog } from "./watchdog.ts";
import { Wiring } from "./wiring.ts";

const defaultVmsMax = 1023;
const mostVms = 65_535;
const defaultMemoryMb = 256;

export interface HostOptions {
  /** Where lines and crash reports go. Default: pino's JSON lines on standard error. */
  readonly log?: HostLog;
  /** Deep-freezes messages within VMs. Default: false. */
  readonly development?: boolean;
  /** What its VMs are where a boot does not say so. Default: `isolate`. */
  readonly target?: Target;
  /** What else they may be. Default: every target if `target` is `isolate`; else none, since it may have a weaker boundary. */
  readonly targets?: readonly Target[];
  /** VMs at a time, up to 65,535. Each has 64 bytes on the host's board, booted or not. Default: 1,023. */
  readonly vmsMax?: number;
  /** VMs that may be awake before they stop spinning for each other. Default: the machine's cores. */
  readonly cores?: number;
}

export interface HostBootOptions {
  /** For logs. Default: the image's name. */
  readonly name?: string;
  /** The name of a unikernel of the image. Default: its default export, whatever its name. */
  readonly entry?: string;
  /** What the VM is: the name of a target of the host. Default: the host's `target`. */
  readonly target?: string;
  /** The root's arguments. Default: the unikernel's own. */
  readonly args?: readonly unknown[];
  /** MiB. Default 256. */
  readonly memoryMb?: number;
  /** ms. Default 5000. */
  readonly watchdogMs?: number;
  /** ms. Default 10000. */
  readonly bootTimeoutMs?: number;
  /** What it may have from outside, and pass on to VMs that it boots. Default: what its image says that it needs. */
  readonly devices?: readonly Device[];
  /** VMs that it and those it boots may have at a time, itself not counted. Default: what the host can hold. */
  readonly vmsMax?: number;
}

/** A VM that a host has booted, seen from outside. */
export interface RunningVm<M = never> {
  readonly vm: number;
  readonly name: string;
  /** Its root; typed if the image is. */
  readonly root: Ref<M>;
  /** Resolves when the VM and everything of it is gone. */
  readonly ended: Promise<ExitReason>;
  /** Asks the root to end (`shutdown`), and kills the VM after 5 s. */
  stop(): Promise<ExitReason>;
  kill(): Promise<ExitReason>;
}

/**
 * One machine's toolstack: boots and kills VMs, wires their rings, watches over them, and writes their log. It is a VM itself,
 * number 0, so that whoever made it can talk to actors (`host.self`). Everything it started ends with `stop`.
 */
export class Host implements Toolstack {
  /** An actor of the host's own VM, to act from outside: send, call, monitor. Lives as long as the host. */
  readonly self: Self<never>;
  private readonly options: HostOptions;
  private readonly log: HostLog;
  private readonly targets: Targets;
  private readonly vmsMax: number;
  private readonly domains: Domains;
  private readonly vcpu: Vcpu;
  private readonly wiring: Wiring;
  private readonly images = new Map<string, AnyImage>();
  private readonly vms = new Map<number, Hosted>();
  private booted = 0;
  private stopped = false;

  /** Throws `BAD_OPTION`, and `TARGET_UNAVAILABLE` if this machine cannot run its standard target. */
  constructor(options: HostOptions = {}) {
    this.options = options;
    this.log = options.log ?? pinoLog(defaultLogger());
    this.targets = new Targets(options.target ?? isolate, options.targets);
    this.vmsMax = checkVmsMax(options.vmsMax ?? defaultVmsMax);
    this.domains = new Domains(this.vmsMax);
    this.domains.prepare(this.targets.standard);
    this.vcpu = new Vcpu({
      vm: 0,
      development: options.development ?? false,
      board: this.domains,
      place: hostPlace,
      // The host waits: the cores are for its VMs.
      cores: 0,
      report: (event) => this.log.line("host", eventLine(event)),
      connect: () => undefined,
      lost: ({ vm }, why) => this.lost(vm, why),
      halted: () => {},
    });
    this.wiring = new Wiring(this.vcpu);
    const { kernel } = this.vcpu;
    kernel.spawn(new HostActor(this), [], null);
    this.self = selfOf(kernel.spawn(behaviorOf(outside), [], null));
  }

  /** Actors and bonds that the host's own VM holds, and VMs: for tests that look for leaks. */
  get holds(): {
    readonly vms: number;
    readonly timers: number;
    readonly calls: number;
    readonly bonds: number;
  } {
    const { timers, calls, peers } = this.vcpu.kernel;
    return { vms: this.vms.size, timers: timers.size, calls: calls.size, bonds: peers.holds };
  }

  /** The VMs that are there, also those that are not ready yet. */
  get running(): readonly VmInfo[] {
    return [...this.vms.values()].map(vmInfo);
  }

  /**
   * Boots an image and waits until its root is ready. Throws `BAD_OPTION`, `IMAGE_THROWS`, `IMAGE_NOT_UNIKERNEL`, `VM_UNDECLARED`,
   * `VM_START_FAILED`, `VM_BOOT_TIMEOUT`, `UNKNOWN_TARGET`, `TARGET_UNAVAILABLE`, `TOO_MANY_VMS`, `HOST_STOPPED`.
   */
  async boot<M>(image: Image<M>, options: HostBootOptions = {}): Promise<RunningVm<M>> {
    if (this.stopped) throw srcError("HOST_STOPPED", { what: `boot of ${image.name}` });
    const { entry, name = image.name, args, devices = image.devices, ...limits } = options;
    checkBoot({ entry, name, args, devices, ...limits });
    const grant = Grant.outer({ name, declared: declaredBy(image, entry), devices, vmsMax: limits.vmsMax });
    const outcome = await this.start(image, { entry, name, ...limits }, args, this.self.ref, grant);
    const { vm, result, ended } = outcome;
    if (result.type === "booted") {
      return {
        vm,
        name,
        // Sound as far as `bundle` was told the truth about the module.
        root: refTo<M>(addressOf(result.root)),
        ended,
        stop: () => this.end(vm, "shutdown", ended),
        kill: () => this.end(vm, "kill", ended),
      };
    }
    const reason = result.type === "failed" ? result.reason : "ignore";
    throw bootError(image, name, reason);
  }

  /** Keeps an image under a name, by which its VMs may boot it, instead of the one that was there. */
  keep(name: string, image: AnyImage): void {
    this.images.set(name, image);
  }

  async bootFor(caller: number, request: BootRequest, owner: Ref<never>): Promise<BootOutcome> {
    const parent = this.vms.get(caller);
    if (parent === undefined || this.stopped) return neverMade("noproc");
    const name = request.name ?? request.entry;
    try {
      checkBoot({ ...request, name });
      const image = this.imageFor(parent, request.image);
      const { entry, devices, vmsMax } = request;
      const grant = parent.grant.pass({ name, declared: declaredBy(image, entry), devices, vmsMax });
      return await this.start(image, { ...request, name }, request.args, owner, grant);
    } catch (problem) {
      this.refused(parent, problem);
      return neverMade(crashOf(problem));
    }
  }

  private imageFor(parent: Hosted, named: string | undefined): AnyImage {
    const image = named === undefined ? parent.image : this.images.get(named);
    if (image !== undefined) return image;
    throw srcError("IMAGE_UNKNOWN", { image: named ?? "", known: [...this.images.keys()] });
  }

  retire(vm: number): void {
    const hosted = this.vms.get(vm);
    if (hosted === undefined) return;
    if (hosted.root === undefined) return hosted.handle.kill("killed");
    // A supervisor obeys its owner only, and has heard of that one's end by their link; for others this is the word.
    this.self.exit(hosted.root, "shutdown");
    const timer = setTimeout(() => hosted.handle.kill("killed"), graceMs);
    void hosted.ended.then(() => clearTimeout(timer));
  }

  killFor(caller: number, vm: number): boolean {
    const [from, to] = [this.vms.get(caller), this.vms.get(vm)];
    const may = caller === 0 || to === undefined || from?.grant.isAbove(to.grant) === true;
    if (may) this.kill(vm);
    else if (from !== undefined) this.refused(from, srcError("VM_NOT_OWNED", { vm }));
    return may;
  }

  kill(vm: number): void {
    this.vms.get(vm)?.handle.kill("killed");
  }

  /** Ends all VMs, last booted first, and then itself. Whatever does not end within 5 s is killed. */
  async stop(): Promise<void> {
    this.stopped = true;
    const own = [...this.vms.values()].filter(({ owner }) => owner === this.self.ref).reverse();
    for (const { vm, ended } of own) {
      this.retire(vm);
      await ended;
    }
    // The others end with their owners; what does not is killed.
    await Promise.all(
      [...this.vms.values()].map(({ vm, ended }) => {
        this.retire(vm);
        return ended;
      }),
    );
    this.vcpu.stop();
    this.domains.closeAll();
  }

  private async end(vm: number, how: "shutdown" | "kill", ended: Promise<ExitReason>): Promise<ExitReason> {
    if (how === "kill") this.kill(vm);
    else this.retire(vm);
    return ended;
  }

  private async start(
    image: AnyImage,
    request: Omit<BootRequest, "args" | "entry"> & {
      readonly name: string;
      readonly entry: string | undefined;
    },
    args: readonly unknown[] | undefined,
    owner: Ref<never>,
    grant: Grant,
  ): Promise<BootOutcome> {
    let hosted: Hosted;
    try {
      hosted = this.make(image, request, owner, grant);
    } catch (problem) {
      // The machine has no room for it: no thread, no memory.
      return neverMade(crashOf(problem));
    }
    const { vm, name } = hosted;
    const timeoutMs = request.bootTimeoutMs ?? defaultBootTimeoutMs;
    const made: NewVm = {
      vm,
      name,
      ended: hosted.ended,
      get loaded() {
        return hosted.loaded;
      },
      kill: () => hosted.handle.kill("killed"),
    };
    const asked = { entry: request.entry, bootTimeoutMs: timeoutMs };
    const outcome = await startRoot(made, asked, () => {
      const init = refTo<InitProtocol>(this.vcpu.kernel.address("", vm, 1));
      return this.self.callWithin(timeoutMs, init, "init", { entry: request.entry, args, owner });
    });
    if (outcome.result.type === "booted") {
      hosted.root = outcome.result.root;
      this.watch(hosted, request.watchdogMs ?? defaultWatchdogMs);
    }
    return outcome;
  }

  private make(
    image: AnyImage,
    request: { readonly name: string; readonly memoryMb?: number; readonly target?: string },
    owner: Ref<never>,
    grant: Grant,
  ): Hosted {
    if (this.vms.size >= this.vmsMax) throw srcError("TOO_MANY_VMS", { vmsMax: this.vmsMax });
    const target = this.targets.named(request.target);
    const domain = this.domains.of(target);
    const { commons } = domain;
    const place = domain.takePlace();
    const vm = ++this.booted;
    const { kernel } = this.vcpu;
    const { name } = request;
    let resolve: (reason: ExitReason) => void = () => {};
    const ended = new Promise<ExitReason>((done) => {
      resolve = done;
    });
    const flood = new Flood(
      (entry) => this.log.line(name, clear(entry, image)),
      () => this.flooded(vm),
    );
    const [handle, hostRing] = this.bootTarget(
      target,
      domain,
      {
        vm,
        name,
        image,
        commons,
        place,
        cores: this.options.cores ?? availableParallelism(),
        development: this.options.development ?? false,
        memoryMb: request.memoryMb ?? defaultMemoryMb,
        devices: grant.devices,
      },
      {
        connect: (peer) =>
          flood.mayConnect(this.vms.has(peer)) ? this.wiring.connect(vm, peer) : this.wiring.refuse(vm, peer),
        log: (entry) => flood.log(entry),
        ended: (reason) => {
          flood.close();
          resolve(this.ended(vm, remap(reason, image)));
        },
      },
    );
    const line = new RingLine(this.vcpu.kernel, kernel.peers.home("", vm));
    line.connect(hostRing, "a", commons.board.doorbell(place));
    this.vcpu.attach(kernel.peers.home("", vm), line);
    const hosted: Hosted = {
      vm,
      name,
      image,
      target: target.name,
      memoryMb: request.memoryMb ?? defaultMemoryMb,
      bootedAtMs: Date.now(),
      domain,
      place,
      owner,
      grant,
      handle,
      hostRing,
      ended,
      root: undefined,
      loaded: true,
      watchdog: undefined,
    };
    this.vms.set(vm, hosted);
    grant.taken();
    this.wiring.add({ vm, place, handle, domain, ringCapacityBytes: target.ringCapacityBytes });
    return hosted;
  }

  /** If it throws, nothing of the VM is left. */
  private bootTarget(
    target: Target,
    domain: Domain,
    spec: Omit<VmSpec, "hostRing">,
    events: VmEvents,
  ): readonly [Vm, RingMemory] {
    let hostRing: RingMemory | undefined;
    try {
      hostRing = domain.commons.ring(target.ringCapacityBytes);
      return [target.boot({ ...spec, hostRing }, events), hostRing];
    } catch (problem) {
      if (hostRing !== undefined) domain.commons.release(hostRing);
      this.domains.leave(domain, spec.place);
      throw problem;
    }
  }

  private watch(hosted: Hosted, watchdogMs: number): void {
    if (watchdogMs === Infinity || !this.vms.has(hosted.vm)) return;
    hosted.watchdog = new Watchdog(hosted.domain.commons.board, hosted.place, watchdogMs, () => {
      const message = `the VM's loop has not turned for ${watchdogMs} ms`;
      this.log.line(hosted.name, { level: "error", text: `${message}: killed` });
      hosted.handle.kill({ type: "crash", name: "Watchdog", code: "VM_WEDGED", message });
    });
  }

  /** A VM that cannot be talked to cannot be asked to end, either. */
  private lost(vm: number, { code, message }: MotesError): void {
    const hosted = this.vms.get(vm);
    if (hosted === undefined) return;
    this.log.line(hosted.name, { level: "error", text: `lost by the host: ${message}`, details: { code } });
    hosted.handle.kill({ type: "crash", name: "MotesError", code, message });
  }

  private flooded(vm: number): void {
    const message = `the VM floods its host: ${limits.floodPerSecond} lines and wishes for rings in a second`;
    const hosted = this.vms.get(vm);
    if (hosted === undefined) return;
    this.log.line(hosted.name, { level: "error", text: `${message}: killed` });
    hosted.handle.kill({ type: "crash", name: "Host", code: "VM_FLOODS", message });
  }

  private refused({ name }: Hosted, problem: unknown): void {
    const { code, message } = crashOf(problem);
    this.log.line(name, { level: "warn", text: `refused: ${message}`, details: { code } });
  }

  /** Everything of it is gone: now its peers hear of it, and its place is free. */
  private ended(vm: number, reason: ExitReason): ExitReason {
    const hosted = this.vms.get(vm);
    if (hosted === undefined) return reason;
    this.vms.delete(vm);
    hosted.grant.released();
    hosted.watchdog?.stop();
    this.wiring.remove(vm, reason);
    const { domain, place } = hosted;
    hosted.loaded = domain.commons.board.turnsOf(place) > 0;
    this.vcpu.detach(this.vcpu.kernel.peers.home("", vm), reason);
    domain.commons.release(hosted.hostRing);
    this.domains.leave(domain, place);
    // One that did not come up is told of by whoever booted it.
    if (!isOrderly(reason) && hosted.root !== undefined)
      this.log.line(hosted.name, {
        level: "error",
        text: `the VM ended: ${reasonText(reason)}`,
        details: { reason: reasonText(reason) },
      });
    return reason;
  }
}

/** Undefined: nobody has looked. */
const declaredBy = (
  { needs, entry: main = "" }: AnyImage,
  entry: string = main,
): readonly Device[] | undefined => (needs === undefined ? undefined : (needs[entry] ?? []));

/** Starts a host on this machine. */
export const createHost = (options: HostOptions = {}): Host => new Host(options);

/** Stacks in a line's details, in the program's own lines. */
function clear(line: LogLine, image: AnyImage): LogLine {
  const { crash } = (line.details ?? {}) as { readonly crash?: ExitReason };
  return crash === undefined ? line : { ...line, details: { ...line.details, crash: remap(crash, image) } };
}

function checkVmsMax(vmsMax: number): number {
  if (Number.isInteger(vmsMax) && vmsMax >= 1 && vmsMax <= mostVms) return vmsMax;
  const expected = `a whole number from 1 to ${mostVms}`;
  throw new MotesError("BAD_OPTION", `createHost({ vmsMax }): expected ${expected}, got ${vmsMax}.`, {
    what: "vmsMax",
    expected,
    got: String(vmsMax),
  });
}
