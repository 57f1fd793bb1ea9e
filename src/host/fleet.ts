import { availableParallelism } from "node:os";
import {
  crashOf,
  isOrderly,
  limits,
  reasonText,
  refTo,
  type BootRequest,
  type ExitReason,
  type MotesError,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import type { Switch } from "../cluster/switch.ts";
import type { AnyImage } from "../image/image.ts";
import { remap, remapDetails } from "../image/stack.ts";
import type { HostLog } from "../observe/log.ts";
import { eventLine } from "../targets/event-line.ts";
import type { InitProtocol } from "../targets/init.ts";
import { isolate } from "../targets/isolate/host.ts";
import { RingLine, type RingMemory } from "../targets/ring-line.ts";
import type { LogLine, Target, Vm, VmEvents, VmSpec } from "../targets/target.ts";
import { Vcpu } from "../targets/vcpu.ts";
import { checkMemoryMbMax, checkVmsMax, checkWarm } from "./boot-options.ts";
import { type Domain, Domains, hostPlace } from "./domain.ts";
import { Flood } from "./flood.ts";
import { Followers, type Whose } from "./followers.ts";
import type { Grant } from "./grant.ts";
import type { BootOutcome } from "./host-actor.ts";
import type { HostOptions } from "./host-options.ts";
import type { Hosted } from "./hosted.ts";
import { defaultBootTimeoutMs, defaultMemoryMb, defaultWatchdogMs, graceMs } from "./life.ts";
import { Room } from "./room.ts";
import { Rounds } from "./rounds.ts";
import { neverMade, startRoot, type NewVm } from "./start-root.ts";
import { Targets } from "./targets.ts";
import { WarmPools } from "./warm-pools.ts";
import { Watchdog } from "./watchdog.ts";
import { Wiring } from "./wiring.ts";

const defaultVmsMax = 1023;

/** A boot that was checked and granted. */
export type Order = Omit<BootRequest, "args" | "entry" | "image"> & {
  readonly name: string;
  readonly entry: string | undefined;
  readonly image: AnyImage;
  readonly args: readonly unknown[] | undefined;
  readonly owner: Ref<never>;
  readonly grant: Grant;
};

/**
 * The VMs of a host, its own among them, from boot to end: where their memory is, how they are wired, who watches over them. It decides
 * nothing: who may boot what, and when a VM is to end, is the host's and their owners'.
 */
export class Fleet {
  /** The host's own. */
  readonly vcpu: Vcpu;
  readonly vms: Map<number, Hosted> = new Map<number, Hosted>();
  private readonly options: HostOptions;
  private readonly log: HostLog;
  private readonly self: () => Self<never>;
  readonly targets: Targets;
  private readonly room: Room;
  private readonly domains: Domains;
  readonly wiring: Wiring;
  readonly followers: Followers = new Followers();
  /** The ways to other hosts, once it has joined them. */
  abroad: Pick<Switch, "reach" | "connect"> | undefined = undefined;
  private readonly warm: WarmPools;
  private readonly rounds = new Rounds();
  private booted = 0;
  private starting = 0;

  /** `self`: the actor that speaks for the host. Throws `BAD_OPTION`, `TARGET_UNAVAILABLE`. */
  constructor(options: HostOptions, log: HostLog, self: () => Self<never>) {
    this.options = options;
    this.log = log;
    this.self = self;
    this.targets = new Targets(options.target ?? isolate, options.targets);
    const vmsMax = checkVmsMax(options.vmsMax ?? defaultVmsMax);
    this.room = new Room(vmsMax, checkMemoryMbMax(options.memoryMbMax ?? Infinity), this.vms);
    const warmed = this.warmTargets();
    this.domains = new Domains(vmsMax);
    this.domains.prepare(this.targets.standard);
    this.vcpu = new Vcpu({
      vm: 0,
      development: options.development ?? false,
      board: this.domains,
      place: hostPlace,
      // The host waits: the cores are for its VMs.
      cores: 0,
      report: (event) => log.line("host", eventLine(event)),
      connect: (home) => (home.host === "" ? undefined : this.abroad?.connect(home)),
      lost: ({ host, vm }, why) => (host === "" ? this.lost(vm, why) : this.lostAbroad(host, vm, why)),
      halted: () => {},
    });
    this.wiring = new Wiring(this.vcpu, {
      reach: (vm, peer) => this.abroad?.reach(vm, peer) ?? "noconnection",
    });
    this.warm = new WarmPools(options.warm ?? { vms: 0 }, warmed, {
      commons: (target) => this.domains.of(target).commons,
      mayAdd: (memoryMb) => this.starting === 0 && this.room.has((this.warm.held + 1) * memoryMb),
      warn: (text) => log.line("host", { level: "warn", text }),
    });
    void this.warm.fill();
  }

  /** Never rejects. */
  async start(order: Order): Promise<BootOutcome> {
    this.starting++;
    const outcome = await this.startVm(order);
    this.starting--;
    const target = outcome.vm > 0 ? this.targets.named(order.target) : undefined;
    this.warm.booted(target, { image: order.image, devices: order.grant.devices });
    return outcome;
  }

  /** Beside one for each VM. */
  get hasCoreToSpare(): boolean {
    return this.vms.size + 1 < (this.options.cores ?? availableParallelism());
  }

  get blanks(): number {
    return this.warm.count;
  }

  /** Asks its root to end, and ends it after a while. */
  retire(vm: number): void {
    const hosted = this.vms.get(vm);
    if (hosted === undefined) return;
    if (hosted.root === undefined || hosted.held) return hosted.handle.kill("killed");
    // A supervisor obeys its owner only, and has heard of that one's end by their link; for others this is the word.
    this.self().exit(hosted.root, "shutdown");
    const timer = setTimeout(() => hosted.handle.kill("killed"), graceMs);
    void hosted.ended.then(() => clearTimeout(timer));
  }

  /** Once no VM is left. */
  async close(): Promise<void> {
    this.followers.close();
    await this.warm.close();
    this.vcpu.stop();
    this.domains.closeAll();
  }

  /** Before anything is made. Throws `BAD_OPTION`, `UNKNOWN_TARGET`. */
  private warmTargets(): readonly Target[] {
    const { warm } = this.options;
    if (warm === undefined) return [];
    return checkWarm(warm).targets?.map((name) => this.targets.named(name)) ?? [this.targets.standard];
  }

  private async startVm(order: Order): Promise<BootOutcome> {
    let hosted: Hosted;
    try {
      hosted = this.make(order);
    } catch (problem) {
      // The machine has no room for it: no thread, no memory.
      return neverMade(crashOf(problem));
    }
    const { vm, name } = hosted;
    const { entry, args, owner, bootTimeoutMs = defaultBootTimeoutMs } = order;
    // They will be linked: by then there is a way between them.
    if (owner.host === "") this.wiring.connect(owner.vm, { host: "", vm });
    const made: NewVm = {
      vm,
      name,
      ended: hosted.ended,
      get loaded() {
        return hosted.loaded;
      },
      kill: () => hosted.handle.kill("killed"),
    };
    const outcome = await startRoot(made, { entry, bootTimeoutMs }, () => {
      const init = refTo<InitProtocol>(this.vcpu.kernel.address("", vm, 1));
      return this.self().callWithin(bootTimeoutMs, init, "init", { entry, args, owner, probe: order.probe });
    });
    if (outcome.result.type === "booted") {
      hosted.root = outcome.result.root;
      this.watch(hosted, order.watchdogMs ?? defaultWatchdogMs);
    }
    return outcome;
  }

  private make(order: Order): Hosted {
    const { name, image, owner, grant, memoryMb = defaultMemoryMb } = order;
    this.room.check(memoryMb);
    const target = this.targets.named(order.target);
    const domain = this.domains.of(target);
    const { commons } = domain;
    const place = domain.takePlace();
    const vm = ++this.booted;
    let resolve: (reason: ExitReason) => void = () => {};
    const ended = new Promise<ExitReason>((done) => {
      resolve = done;
    });
    const events = this.eventsOf({ vm, name, grant }, image, resolve);
    const spec = { vm, name, image, commons, place, memoryMb, devices: grant.devices };
    const [handle, hostRing] = this.bootTarget(target, domain, spec, events);
    const home = this.vcpu.kernel.peers.home("", vm);
    const line = new RingLine(this.vcpu.kernel, home);
    line.connect(hostRing, "a", commons.board.doorbell(place));
    // One that stands apart has no board that its host looks at for marks.
    if (!domain.apart) domain.park(place, line);
    this.vcpu.attach(home, line, domain.apart ? undefined : line);
    const hosted: Hosted = {
      vm,
      name,
      image,
      target: target.name,
      memoryMb,
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
      held: false,
    };
    this.vms.set(vm, hosted);
    this.warm.makeRoom((memoryMb) => this.room.has(memoryMb));
    grant.taken();
    this.wiring.add({ vm, place, handle, domain, ringCapacityBytes: target.ringCapacityBytes });
    return hosted;
  }

  private eventsOf(whose: Whose, image: AnyImage, end: (reason: ExitReason) => void): VmEvents {
    const { vm } = whose;
    const flood = new Flood(
      (entry) => this.say(whose, remapDetails(entry, image)),
      () => this.flooded(vm),
    );
    return {
      connect: (peer) =>
        flood.mayConnect(peer.host === "" && this.vms.has(peer.vm))
          ? this.wiring.connect(vm, peer)
          : this.wiring.refuse(vm, peer),
      log: (entry) => flood.log(entry),
      ended: (reason) => {
        flood.close();
        end(this.ended(vm, remap(reason, image)));
      },
    };
  }

  /** If it throws, nothing of the VM is left. */
  private bootTarget(
    target: Target,
    domain: Domain,
    given: Omit<VmSpec, "hostRing" | "cores" | "development" | "blank">,
    events: VmEvents,
  ): readonly [Vm, RingMemory] {
    const { cores = availableParallelism(), development = false } = this.options;
    const { memoryMb, devices } = given;
    let hostRing: RingMemory | undefined;
    try {
      hostRing = domain.commons.ring(target.ringCapacityBytes);
      const env = devices?.includes("env") !== false;
      const spawns = devices?.includes("spawn") === true;
      const wanted = { memoryMb, env, spawns, program: { image: given.image, devices } };
      const blank = this.warm.take(target, wanted);
      return [target.boot({ ...given, cores, development, hostRing, blank }, events), hostRing];
    } catch (problem) {
      if (hostRing !== undefined) domain.commons.release(hostRing);
      this.domains.leave(domain, given.place);
      throw problem;
    }
  }

  private watch(hosted: Hosted, watchdogMs: number): void {
    if (watchdogMs === Infinity || !this.vms.has(hosted.vm)) return;
    const { board } = hosted.domain.commons;
    const { saysBusy } = this.targets.named(hosted.target);
    const wedged = (): void => {
      const message = `the VM's loop has not turned for ${watchdogMs} ms`;
      this.say(hosted, { level: "error", text: `${message}: killed` });
      hosted.handle.kill({ type: "crash", name: "Watchdog", code: "VM_WEDGED", message });
    };
    hosted.watchdog = new Watchdog(this.rounds, board, hosted.place, watchdogMs, wedged, saysBusy);
  }

  /** A VM that cannot be talked to cannot be asked to end, either. */
  private lost(vm: number, { code, message }: MotesError): void {
    const hosted = this.vms.get(vm);
    if (hosted === undefined) return;
    this.say(hosted, {
      level: "error",
      text: `lost by the host: ${message}`,
      details: { code },
    });
    hosted.handle.kill({ type: "crash", name: "MotesError", code, message });
  }

  private lostAbroad(host: string, vm: number, { code, message }: MotesError): void {
    this.log.line("host", { level: "error", text: `lost VM ${host}.${vm}: ${message}`, details: { code } });
  }

  private flooded(vm: number): void {
    const message = `the VM floods its host: ${limits.floodPerSecond} lines and wishes for rings in a second`;
    const hosted = this.vms.get(vm);
    if (hosted === undefined) return;
    this.say(hosted, { level: "error", text: `${message}: killed` });
    hosted.handle.kill({ type: "crash", name: "Host", code: "VM_FLOODS", message });
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
      this.say(hosted, {
        level: "error",
        text: `the VM ended: ${reasonText(reason)}`,
        details: { reason: reasonText(reason) },
      });
    this.followers.ended(hosted, reason);
    return reason;
  }

  private say(whose: Whose, line: LogLine): void {
    this.log.line(whose.name, line);
    this.followers.heard(whose, line);
  }
}
