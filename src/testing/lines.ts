import type { Carrier, ExitReason, Home } from "../../kernel/index.ts";
import { closeReasonOf, exitReasonOf } from "../cluster/close-reason.ts";
import { SimCarrier } from "./carrier.ts";
import { gatedChannels } from "./channel.ts";
import type { HostLink } from "./host-link.ts";
import { Ledger } from "./invariants/ledger.ts";
import { checkSevered } from "./invariants/severed.ts";
import { shown } from "./reason.ts";
import { Once } from "./schedule.ts";
import type { SimHost } from "./sim-host.ts";
import type { Simulator } from "./simulator.ts";
import { vmName, type SimVm } from "./vm.ts";
import { Way } from "./way.ts";

/** What is between two VMs that have ever talked. */
interface Line {
  readonly ends: readonly [SimCarrier, SimCarrier];
  readonly ways: readonly [Way, Way];
  cut: boolean;
}

const keyOf = (a: SimVm, b: SimVm): string => (a.id < b.id ? `${a.id}-${b.id}` : `${b.id}-${a.id}`);

/**
 * The ways between VMs: made at first use, as a host makes rings; held up, cut and ended by the simulation. A pair that was
 * cut stays apart for the life of the two: a VM that is booted anew has another number, and a way of its own.
 */
export class Lines {
  private readonly simulator: Simulator;
  private readonly lines = new Map<string, Line>();
  private readonly incoming = new Map<SimVm, Way[]>();
  /** Ends that are still to be told of a loss. */
  losses = 0;

  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** The first signal from `vm` to another. One that is not there is lost a little later, as with a real host. */
  connect(vm: SimVm, home: Home): Carrier {
    const { simulator } = this;
    const between = simulator.network.linkOf(vm.host, home.host);
    const peer = this.reach(vm, home, between);
    if (typeof peer === "object") return this.join(vm, peer, between).ends[vm.id < peer.id ? 0 : 1];
    const [channel] = gatedChannels();
    const nowhere = new Ledger(`${vm.name} to ${vmName(home.host, home.vm)}`, simulator.violated);
    const end = new SimCarrier(vm, home, channel, [nowhere, nowhere], between);
    end.close();
    between?.add(end, undefined);
    home.carrier = end;
    vm.carriers.set(home, end);
    this.lose(end, peer, simulator.nowMs + simulator.delayMs());
    return end;
  }

  /** Who is meant, or why there is no way. */
  private reach(vm: SimVm, home: Home, between: HostLink | undefined): SimVm | "noproc" | "noconnection" {
    if (home.host === "") {
      const peer = vm.host.vmOf(home.vm);
      return peer === undefined || peer === vm ? "noproc" : peer;
    }
    // Closed by the other host, of which this one has not heard.
    if (between === undefined || between.isClosing(vm.host)) return "noconnection";
    const peer = between.other(vm.host).vmOf(home.vm);
    if (peer === undefined) return "noproc";
    // A second way would get ahead of the one that it has: the end of that is still to be heard.
    const isFree = this.between(vm, peer)?.cut === false || homeIn(peer, vm).carrier === undefined;
    return isFree ? peer : "noconnection";
  }

  /** The line of both, made if there is none; over that link, if their hosts are two. */
  join(one: SimVm, other: SimVm, between?: HostLink): Line {
    const [a, b] = one.id < other.id ? [one, other] : [other, one];
    const key = keyOf(a, b);
    const known = this.lines.get(key);
    if (known !== undefined && (between === undefined || !known.cut)) return known;
    const [channelA, channelB] = gatedChannels();
    const [there, back] = [this.ledger(a, b), this.ledger(b, a)];
    const endA = new SimCarrier(a, homeIn(a, b), channelA, [there, back], between);
    const endB = new SimCarrier(b, homeIn(b, a), channelB, [back, there], between);
    const { simulator } = this;
    const ways = [
      new Way(simulator, simulator.chance, simulator.delayRange, endA, endB),
      new Way(simulator, simulator.chance, simulator.delayRange, endB, endA),
    ] as const;
    const line: Line = { ends: [endA, endB], ways, cut: false };
    this.lines.set(key, line);
    for (const [end, way] of [
      [endA, ways[1]],
      [endB, ways[0]],
    ] as const) {
      end.vm.carriers.set(end.home, end);
      this.into(end.vm).push(way);
      if (between !== undefined) {
        between.add(end, way);
        way.hold(Math.max(this.heldUntilMs(end), between.opensAtMs));
      }
      end.flush();
      if (!end.home.lost) end.home.carrier = end;
    }
    // One side has given the other up before it was there.
    if (endA.home.lost || endB.home.lost) this.part(line);
    return line;
  }

  into(vm: SimVm): Way[] {
    let ways = this.incoming.get(vm);
    if (ways === undefined) {
      ways = [];
      this.incoming.set(vm, ways);
    }
    return ways;
  }

  between(a: SimVm, b: SimVm): Line | undefined {
    return this.lines.get(keyOf(a, b));
  }

  /** Pairs of live VMs that have talked, and can. */
  get pairs(): readonly (readonly [SimVm, SimVm])[] {
    return [...this.lines.values()]
      .filter(({ cut }) => !cut)
      .map(({ ends: [a, b] }) => [a.vm, b.vm] as const)
      .filter(([a, b]) => !a.gone && !b.gone);
  }

  /** Nothing is under way, and nobody is still to hear of a loss. */
  get quiet(): boolean {
    if (this.losses > 0) return false;
    for (const { ways, ends } of this.lines.values()) {
      if (ways[0].underWay + ways[1].underWay > 0 || !ends[0].flushed || !ends[1].flushed) return false;
    }
    return true;
  }

  /** What is under way is lost; each side hears `noconnection` when it notices. */
  cut(a: SimVm, b: SimVm): void {
    this.part(this.join(a, b, this.simulator.network.linkOf(a.host, b.hostSeenBy(a))));
  }

  /** The link is lost to that host: so are all ways of its VMs over it. */
  sever(link: HostLink, host: SimHost): void {
    for (const line of this.lines.values()) if (line.ends[0].between === link) line.cut = true;
    for (const [end, into] of link.ends) {
      if (end.vm.host !== host) continue;
      into?.break();
      end.close();
      this.lose(end, "noconnection", this.simulator.nowMs + this.simulator.delayMs(), into);
    }
  }

  private part(line: Line): void {
    if (line.cut) return;
    line.cut = true;
    for (const way of line.ways) way.break();
    for (const end of line.ends) {
      end.close();
      this.lose(end, "noconnection", this.simulator.nowMs + this.simulator.delayMs());
    }
  }

  hold(a: SimVm, b: SimVm, forMs: number): void {
    const line = this.join(a, b, this.simulator.network.linkOf(a.host, b.hostSeenBy(a)));
    for (const way of line.ways) way.hold(this.simulator.nowMs + forMs);
  }

  /** Nothing is held up any more. */
  heal(): void {
    for (const { ways } of this.lines.values()) for (const way of ways) way.heal();
  }

  /**
   * The VM is no more. Its peers hear `reason`, after all it has still said if `drained`, else at any moment: then the rest is
   * lost. No reason: they are not told, and lose it with its host.
   */
  ended(vm: SimVm, reason: ExitReason | undefined, drained: boolean): void {
    const { simulator } = this;
    for (const [key, line] of this.lines) {
      const own = line.ends.findIndex((end) => end.vm === vm);
      if (own < 0) continue;
      this.lines.delete(key);
      // Towards it, nothing arrives any more.
      const [out, back] = own === 0 ? line.ways : [line.ways[1], line.ways[0]];
      back.break();
      const mine = line.ends[own];
      mine?.close();
      if (mine !== undefined) mine.between?.ends.delete(mine);
      const other = line.ends[1 - own];
      if (reason === undefined && !drained) out.break();
      if (other === undefined || line.cut || reason === undefined) continue;
      const soonAtMs = simulator.nowMs + simulator.delayMs();
      this.lose(
        other,
        // Between hosts it is put into words.
        other.between === undefined ? reason : exitReasonOf(closeReasonOf(reason)),
        drained ? Math.max(soonAtMs, out.emptyAtMs + simulator.delayMs()) : soonAtMs,
        out,
        drained,
      );
    }
    this.incoming.delete(vm);
    vm.carriers.clear();
  }

  private lose(end: SimCarrier, reason: ExitReason, atMs: number, last?: Way, drained = false): void {
    const { simulator } = this;
    this.losses++;
    const happens = (): void => {
      const { vm, home } = end;
      if (vm.gone || end.over) {
        this.losses--;
        return;
      }
      const heldUntilMs = Math.max(vm.pausedUntilMs, reason === "noconnection" ? 0 : this.heldUntilMs(end));
      if (heldUntilMs > simulator.nowMs) return simulator.schedule.set(loss, heldUntilMs);
      this.losses--;
      end.over = true;
      end.between?.ends.delete(end);
      if (drained) last?.drain();
      last?.break();
      const ways = this.incoming.get(vm) ?? [];
      if (last !== undefined && ways.includes(last)) ways.splice(ways.indexOf(last), 1);
      end.close();
      vm.carriers.delete(home);
      vm.observer.note(vm, `lost ${vmName(home.host, home.vm)}: ${shown(reason)}`);
      vm.kernel.peers.lost(home, reason);
      checkSevered(vm.name, vm.kernel, home, simulator.violated);
      vm.noticePromises();
      vm.wake();
    };
    const loss = new Once(happens);
    simulator.schedule.set(loss, atMs);
  }

  /** Until when nothing comes from the other host. */
  private heldUntilMs({ between, vm: { host } }: SimCarrier): number {
    return between === undefined ? 0 : this.simulator.network.blockedUntilMs(between.other(host), host);
  }

  private ledger(from: SimVm, to: SimVm): Ledger {
    const hosts = [from.host.address, to.host.address] as const;
    return new Ledger(`${from.name} to ${to.name}`, this.simulator.violated, hosts);
  }
}

/** What `vm` knows `other` as. */
const homeIn = (vm: SimVm, other: SimVm): Home => vm.kernel.peers.home(other.hostSeenBy(vm), other.number);
