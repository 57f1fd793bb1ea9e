import {
  addressOf,
  behaviorOf,
  crashOf,
  refTo,
  selfOf,
  type BootRequest,
  type Cell,
  type ExitReason,
  type OtherHost,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { bootMeans } from "../cluster/boot-means.ts";
import { abroad, BootsAbroad } from "../cluster/boots-abroad.ts";
import { BootsForOthers } from "../cluster/boots-for-others.ts";
import type { Operation } from "../cluster/errand.ts";
import type { HostInfo, JoinOptions } from "../cluster/join-options.ts";
import { Membership } from "../cluster/membership.ts";
import { srcError } from "../errors.ts";
import type { AnyImage, Image } from "../image/image.ts";
import { defaultLogger, pinoLog, type HostLog } from "../observe/log.ts";
import { bootError } from "./boot-error.ts";
import { checkBoot } from "./boot-options.ts";
import { targetBelow } from "./boundary.ts";
import { declaredBy } from "./declared.ts";
import { Fleet, type Order } from "./fleet.ts";
import type { Followed } from "./followers.ts";
import { Grant } from "./grant.ts";
import { type Announced, HostActor, type BootOutcome, type Toolstack } from "./host-actor.ts";
import type { HostBootOptions, HostOptions, RunningVm } from "./host-options.ts";
import { type Hosted, vmInfo, type VmInfo } from "./hosted.ts";
import { outside } from "./outside.ts";
import { neverMade } from "./start-root.ts";

/** What there is of a host once it has joined others. */
interface Joined {
  readonly membership: Membership;
  readonly errands: BootsForOthers;
  readonly abroad: BootsAbroad;
}

/**
 * One machine's toolstack: boots and kills VMs, wires their rings, watches over them, and writes their log. It is a VM itself,
 * number 0, so that whoever made it can talk to actors (`host.self`). Everything it started ends with `stop`.
 */
export class Host implements Toolstack {
  /** An actor of the host's own VM, to act from outside: send, call, monitor. Lives as long as the host. */
  readonly self: Self<never>;
  private readonly log: HostLog;
  private readonly fleet: Fleet;
  private readonly actor: HostActor;
  /** With it all actors of the host's own VM end. */
  private readonly root: Cell;
  private readonly images = new Map<string, AnyImage>();
  private joined: Joined | undefined = undefined;
  private stopped = false;

  /** Throws `BAD_OPTION`, and `TARGET_UNAVAILABLE` if this machine cannot run its standard target. */
  constructor(options: HostOptions = {}) {
    this.log = options.log ?? pinoLog(defaultLogger());
    this.fleet = new Fleet(options, this.log, () => this.self);
    const { kernel } = this.fleet.vcpu;
    this.actor = new HostActor(this);
    this.root = kernel.root.spawn(this.actor, [], null);
    this.self = selfOf(kernel.spawn(behaviorOf(outside), [], null));
  }

  /** Actors and bonds that the host's own VM holds, and VMs: for tests that look for leaks. */
  get holds(): {
    readonly vms: number;
    readonly timers: number;
    readonly calls: number;
    readonly bonds: number;
  } {
    const { timers, calls, peers } = this.fleet.vcpu.kernel;
    return { vms: this.fleet.vms.size, timers: timers.size, calls: calls.size, bonds: peers.holds };
  }

  /** The VMs that are there, also those that are not ready yet. */
  get running(): readonly VmInfo[] {
    return [...this.fleet.vms.values()].map(vmInfo);
  }

  /** VMs that are kept ready for boots (`warm`). */
  get blanks(): number {
    return this.fleet.blanks;
  }

  /** Services, and whoever else has announced itself. */
  get announced(): readonly Announced[] {
    return this.actor.announced;
  }

  /** Those that this one is joined with: `find` and the like take their `ref`. */
  get otherHosts(): readonly OtherHost[] {
    return this.joined?.membership.switch.neighbours.map(({ other }) => other) ?? [];
  }

  /** For people and tools. */
  get neighbours(): readonly HostInfo[] {
    return this.joined?.membership.hosts ?? [];
  }

  /** Asks another host for what it lets people ask; `image` goes along. Throws what that throws, `HOST_ALONE`, `HOST_UNREACHABLE`. */
  operate(host: string, op: string, args: readonly unknown[], image?: AnyImage): Promise<unknown> {
    if (this.joined === undefined) throw srcError("HOST_ALONE", { hosts: [host] });
    return this.joined.abroad.operate(host, op, args, image);
  }

  /**
   * Begins to read along what a VM, and those that it boots, write into the log; `followed` fetches it. Throws `VM_UNKNOWN`,
   * `TOO_MANY_FOLLOWERS`.
   */
  follow(vm: number): number {
    return this.fleet.followers.follow(vm, this.fleet.vms.get(vm));
  }

  /** What has come since it was asked last: see `Followers`. Rejects with `FOLLOWER_GONE`. */
  followed(follower: number): Promise<Followed> {
    return this.fleet.followers.fetch(follower);
  }

  get errands(): BootsForOthers | undefined {
    return this.joined?.errands;
  }

  /**
   * Joins other hosts (`operations`: what people at those may ask of this one; nothing by default): from then on its VMs and theirs may talk. Until it stops, or leaves by `Membership.leave`. Throws `HOST_JOINED`,
   * `HOST_STOPPED`, `JOIN_NOWHERE`, `HOST_LISTEN`, `LINK_OPTION`, `LINK_TLS`, `LINK_PLAIN`, `LINK_NATS`, `LINK_UNREACHABLE` (of NATS).
   */
  async join(
    options: JoinOptions,
    operations: Readonly<Record<string, Operation>> = {},
  ): Promise<Membership> {
    if (this.stopped) throw srcError("HOST_STOPPED", { what: `join as ${options.name}` });
    if (this.joined !== undefined) throw srcError("HOST_JOINED", { host: options.name });
    const errands = new BootsForOthers(this.fleet, options.boots, operations);
    const boots = new BootsAbroad(this.self, () => this.otherHosts, bootMeans);
    const membership = new Membership(options, {
      vcpu: this.fleet.vcpu,
      mayLinger: () => this.fleet.hasCoreToSpare,
      accept: (vm, peer, way) => this.fleet.wiring.accept(vm, peer, way),
      log: (line) => this.log.line("host", line),
      changed: (news) => {
        this.actor.tell(news);
        boots.heard(news);
        if (news.type === "hostdown") errands.drop(news.host.host);
      },
    });

    // Before the first link is up: who hears of a host may turn to it at once.
    this.joined = { membership, errands, abroad: boots };
    this.fleet.abroad = membership.switch;
    try {
      await membership.open();
    } catch (problem) {
      this.joined = this.fleet.abroad = undefined;
      boots.close();
      throw problem;
    }
    if (this.stopped) await membership.leave();
    return membership;
  }

  /**
   * Boots an image and waits until its root is ready. Throws `BAD_OPTION`, `IMAGE_THROWS`, `IMAGE_NOT_UNIKERNEL`, `VM_UNDECLARED`,
   * `VM_START_FAILED`, `VM_BOOT_TIMEOUT`, `UNKNOWN_TARGET`, `TARGET_UNAVAILABLE`, `TOO_MANY_VMS`, `HOST_STOPPED`.
   */
  async boot<M>(image: Image<M>, options: HostBootOptions = {}): Promise<RunningVm<M>> {
    if (this.stopped) throw srcError("HOST_STOPPED", { what: `boot of ${image.name}` });
    const { host, entry, name = image.name, args, devices = image.devices, ...limits } = options;
    checkBoot({ host, entry, name, args, devices, ...limits });
    const grant = Grant.outer({ name, declared: declaredBy(image, entry), devices, vmsMax: limits.vmsMax });
    const owner = this.self.ref;
    const away = this.away(host);
    const order = { ...limits, entry, name, image, args, owner, grant };
    const outcome = await (away === undefined
      ? this.fleet.start(order)
      : this.bootAway(away, order, "isolate"));
    const { vm, result, ended } = outcome;
    if (result.type === "booted") {
      return {
        vm,
        name,
        // Sound as far as `bundle` was told the truth about the module.
        root: refTo<M>(addressOf(result.root)),
        ended,
        stop: () => this.end(result.root, vm, "shutdown", ended),
        kill: () => this.end(result.root, vm, "kill", ended),
        hold: (held) => addressOf(result.root).host === "" && this.hold(vm, held),
      };
    }
    const reason = result.type === "failed" ? result.reason : "ignore";
    throw bootError(image, name, reason);
  }

  /** Keeps an image under a name, by which its VMs may boot it, instead of the one that was there. */
  keep(name: string, image: AnyImage): void {
    this.images.set(name, image);
  }

  /** The VMs that run it go on. */
  drop(name: string): void {
    this.images.delete(name);
  }

  async bootFor(caller: number, request: BootRequest, owner: Ref<never>): Promise<BootOutcome> {
    const parent = this.fleet.vms.get(caller);
    if (parent === undefined || this.stopped) return neverMade("noproc");
    const name = request.name ?? request.entry;
    try {
      checkBoot({ ...request, name });
      const image = this.imageFor(parent, request.image);
      const { host, entry, devices, vmsMax } = request;
      const grant = parent.grant.pass({ name, declared: declaredBy(image, entry), devices, vmsMax });
      const away = this.away(host);
      if (away !== undefined)
        return await this.bootAway(away, { ...request, name, image, owner, grant }, parent.target);
      const target = targetBelow(parent.target, request.target, this.fleet.targets.standard.name);
      return await this.fleet.start({ ...request, name, target, image, owner, grant });
    } catch (problem) {
      this.refused(parent, problem);
      return neverMade(crashOf(problem));
    }
  }

  retire(vm: number): void {
    this.fleet.retire(vm);
  }

  killFor(caller: number, vm: number, host: string): boolean {
    const from = this.fleet.vms.get(caller);
    const to = host === "" ? this.fleet.vms.get(vm)?.grant : this.joined?.abroad.grantOf(host, vm);
    const may = caller === 0 || to === undefined || from?.grant.isAbove(to) === true;
    if (may && host === "") this.kill(vm);
    // One that nobody here has booted, or not yet, is not for this host to have killed.
    else if (may && to !== undefined) void this.joined?.abroad.kill(host, vm);
    else if (!may && from !== undefined) this.refused(from, srcError("VM_NOT_OWNED", { vm }));
    return may;
  }

  kill(vm: number): void {
    this.fleet.vms.get(vm)?.handle.kill("killed");
  }

  /** Ends all VMs, last booted first, and then itself, with whoever was started in its own VM. Whatever does not end within 5 s is killed. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.joined?.abroad.close();
    const { vms } = this.fleet;
    const own = [...vms.values()].filter(({ owner }) => owner === this.self.ref).reverse();
    for (const { vm, ended } of own) {
      this.retire(vm);
      await ended;
    }
    // The others end with their owners; what does not is killed.
    await Promise.all(
      [...vms.values()].map(({ vm, ended }) => {
        this.retire(vm);
        return ended;
      }),
    );
    // After its VMs: those that had to do with them elsewhere hear how they ended.
    await this.joined?.membership.leave();
    this.root.kernel.exitSignal(this.root, this.root.ref, "shutdown", false);
    await this.fleet.close();
  }

  private async end(
    root: Ref<never>,
    vm: number,
    how: "shutdown" | "kill",
    ended: Promise<ExitReason>,
  ): Promise<ExitReason> {
    const { host } = addressOf(root);
    if (host !== "") void this.joined?.abroad.end(root, vm, how, ended);
    else if (how === "kill") this.kill(vm);
    else this.retire(vm);
    return ended;
  }

  private hold(vm: number, held: boolean): boolean {
    const hosted = this.fleet.vms.get(vm);
    if (hosted?.handle.hold === undefined) return false;
    hosted.held = held;
    if (hosted.watchdog !== undefined) hosted.watchdog.excused = held;
    hosted.handle.hold(held);
    return true;
  }

  /** The hosts that are to boot it, if this is not the one. */
  private away(named: string | readonly string[] | undefined): readonly string[] | undefined {
    if (named === undefined) return undefined;
    const hosts = [named].flat();
    return hosts[0] === this.joined?.membership.own.name ? undefined : hosts;
  }

  /** Throws `HOST_ALONE`. */
  private bootAway(hosts: readonly string[], order: Order, booter: string): Promise<BootOutcome> {
    if (this.joined === undefined) throw srcError("HOST_ALONE", { hosts });
    return this.joined.abroad.boot(abroad(hosts, order, booter));
  }

  private imageFor(parent: Hosted, named: string | undefined): AnyImage {
    const image = named === undefined ? parent.image : this.images.get(named);
    if (image !== undefined) return image;
    throw srcError("IMAGE_UNKNOWN", { image: named ?? "", known: [...this.images.keys()] });
  }

  private refused({ name }: Hosted, problem: unknown): void {
    const { code, message } = crashOf(problem);
    this.log.line(name, { level: "warn", text: `refused: ${message}`, details: { code } });
  }
}

/** Starts a host on this machine. */
export const createHost = (options: HostOptions = {}): Host => new Host(options);
