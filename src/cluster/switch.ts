import {
  hostSerial,
  hostVm,
  type Carrier,
  type ExitReason,
  type Home,
  type HostDown,
  type HostProtocol,
  type HostUp,
  isMotesError,
  type MotesError,
  type OtherHost,
  refTo,
} from "../../kernel/index.ts";
import type {
  HostIdentity,
  HostLink,
  HostLinkEvents,
  Lane,
  LaneLoss,
  LinkRole,
} from "../../transports/index.ts";
import { srcError } from "../errors.ts";
import type { FarWay } from "../host/wiring.ts";
import type { PeerVm } from "../targets/peer-vm.ts";
import type { LogLine } from "../targets/target.ts";
import type { Vcpu } from "../targets/vcpu.ts";
import { fullName } from "./host-name.ts";
import { LaneBuffers } from "./lane-buffers.ts";
import { LaneLine } from "./lane-line.ts";
import { LaneWay } from "./lane-way.ts";

/** What a switch is between. */
export interface SwitchOptions {
  readonly own: HostIdentity;
  /** The host's own VM, which moves what goes over lanes. */
  readonly vcpu: Pick<Vcpu, "kernel" | "attach" | "detach" | "line" | "wake">;
  /** A VM of another host has something to say to one of this host. */
  accept(vm: number, peer: PeerVm, way: FarWay): void;
  /** Whether this host is on its way to one of that name. */
  dialling(name: string): boolean;
  log(line: LogLine): void;
  changed(news: HostUp | HostDown): void;
}

/** A host that is linked with this one. */
export interface Neighbour {
  readonly other: OtherHost;
  readonly link: HostLink;
  /** ms since 1970. */
  readonly sinceMs: number;
}

/**
 * Which link leads to which host, and the lanes over it: for the VMs of this host and for its own. There is one link to each host.
 * Where both dial at once, that of the host whose name is the smaller one counts; a second host of a name that is linked is refused.
 * It dials nobody and listens nowhere. Semantics: Erlang's distribution.
 */
export class Switch {
  /** For whatever network the links are over. */
  readonly events: HostLinkEvents;
  private readonly options: SwitchOptions;
  /** By what they are called in addresses. */
  private readonly hosts = new Map<string, Neighbour>();
  private readonly buffers = new LaneBuffers();

  constructor(options: SwitchOptions) {
    this.options = options;
    this.events = {
      up: (link, peer) => this.up(link, peer),
      asked: (link, lane) => this.asked(link, lane),
      down: (link, why, losses) => this.down(link, why, losses),
    };
  }

  get neighbours(): readonly Neighbour[] {
    return [...this.hosts.values()];
  }

  named(name: string): Neighbour | undefined {
    return this.neighbours.find(({ other }) => other.name === name);
  }

  /** Why there is to be no link with this host; undefined if there may be. */
  judge(peer: HostIdentity, role: LinkRole): MotesError | undefined {
    const known = this.named(peer.name);
    if (known?.link.peer?.incarnation === peer.incarnation)
      return srcError("HOST_LINKED", { host: peer.name });
    if (known !== undefined)
      return srcError("HOST_NAME_TAKEN", { host: peer.name, by: this.options.own.name });
    const { own, dialling } = this.options;
    const crossed = role === "acceptor" && own.name < peer.name && dialling(peer.name);
    return crossed ? srcError("HOST_CROSSED", { host: own.name }) : undefined;
  }

  /** The way from a VM of this host to one of another, or why there is none. */
  reach(vm: number, peer: PeerVm): LaneWay | ExitReason {
    const link = this.hosts.get(peer.host)?.link;
    if (link?.state !== "up") return "noconnection";
    if (!Number.isSafeInteger(peer.vm) || peer.vm < 0) return "noproc";
    try {
      return this.way(link.open(vm, peer.vm));
    } catch (problem) {
      if (!isMotesError(problem)) throw problem;
      const text = `no way from VM ${vm} to ${peer.host}.${peer.vm}: ${problem.message}`;
      this.options.log({ level: "warn", text, details: { code: problem.code } });
      return "noconnection";
    }
  }

  /** The way of the host's own VM: what is sent waits until it is known whether there is one. */
  connect(home: Home): Carrier {
    const { vcpu } = this.options;
    const line = new LaneLine(vcpu.kernel, home);
    vcpu.attach(home, line);
    const way = this.reach(hostVm, home);
    if (way instanceof LaneWay) {
      way.opened = () => line.connect(way);
      this.follow(home, line, way);
    } else setImmediate(() => this.end(home, line, way));
    return line;
  }

  private up(link: HostLink, { name, incarnation }: HostIdentity): void {
    const { options } = this;
    const host = fullName(name, incarnation);
    const ref = refTo<HostProtocol>(options.vcpu.kernel.address(host, hostVm, hostSerial));
    const other: OtherHost = { name, host, ref };
    this.hosts.set(host, { other, link, sinceMs: Date.now() });
    options.log({ level: "info", text: `linked with the host ${host}` });
    options.changed({ type: "hostup", host: other });
  }

  private down(link: HostLink, why: MotesError, losses: readonly LaneLoss[]): void {
    const known = this.neighbours.find((each) => each.link === link);
    if (known === undefined) return this.neverUp(link, why);
    const { other } = known;
    this.hosts.delete(other.host);
    // What was sent and not known to be read is counted too: most of that has arrived.
    const bytes = losses.reduce((sum, each) => sum + each.queuedBytes + each.unconfirmedBytes, 0);
    const closed = isMotesError(why, "LINK_CLOSED") || bytes === 0;
    const lost = closed ? "" : ` At the most ${bytes} bytes of ${losses.length} lanes have not arrived.`;
    const text = `the host ${other.host} is lost: ${why.message}${lost}`;
    this.options.log({ level: "warn", text, details: { code: why.code } });
    this.options.changed({ type: "hostdown", host: other, why: why.code });
  }

  /** Who dials is told by its dial. */
  private neverUp({ role }: HostLink, { code, message }: MotesError): void {
    if (role === "dialer" || code === "HOST_LINKED" || code === "HOST_CROSSED") return;
    this.options.log({ level: "warn", text: `refused a link: ${message}`, details: { code } });
  }

  private asked(link: HostLink, lane: Lane): void {
    const host = this.neighbours.find((each) => each.link === link)?.other.host;
    if (host === undefined) return lane.close();
    const way = this.way(lane);
    if (lane.localVm === hostVm) this.askedOwn(this.options.vcpu.kernel.peers.home(host, lane.remoteVm), way);
    else this.options.accept(lane.localVm, { host, vm: lane.remoteVm }, way);
    lane.accept();
  }

  private askedOwn(home: Home, way: LaneWay): void {
    const { vcpu } = this.options;
    // A second way would get ahead of the first, whose end is still to be heard.
    if (vcpu.line(home) !== undefined) return way.leave("noconnection");
    const line = new LaneLine(vcpu.kernel, home);
    line.connect(way);
    vcpu.attach(home, line);
    this.follow(home, line, way);
  }

  private follow(home: Home, line: LaneLine, way: LaneWay): void {
    way.gone = (reason) => this.end(home, line, reason);
  }

  private end(home: Home, line: LaneLine, reason: ExitReason): void {
    const { vcpu } = this.options;
    if (vcpu.line(home) === line) vcpu.detach(home, reason);
  }

  private way(lane: Lane): LaneWay {
    return new LaneWay(lane, () => this.options.vcpu.wake(), this.buffers);
  }
}
