import type { Carrier, ExitReason, Home } from "../../kernel/index.ts";
import { SimCarrier } from "./carrier.ts";
import { gatedChannels } from "./channel.ts";
import { Ledger } from "./invariants/ledger.ts";
import { shown } from "./reason.ts";
import { Once } from "./schedule.ts";
import type { Simulator } from "./simulator.ts";
import type { SimVm } from "./vm.ts";
import { Way } from "./way.ts";

/** What is between two VMs that have ever talked. */
interface Line {
  readonly ends: readonly [SimCarrier, SimCarrier];
  readonly ways: readonly [Way, Way];
  cut: boolean;
}

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
    const peer = this.simulator.vm(home.vm);
    const { kernel } = vm;
    if (peer !== undefined && peer !== vm) return this.join(vm, peer).ends[vm.number < peer.number ? 0 : 1];
    const [channel] = gatedChannels();
    const nowhere = this.ledger(vm, home.vm);
    const end = new SimCarrier(vm, home, channel, nowhere, nowhere);
    end.close();
    home.carrier = end;
    vm.carriers.set(kernel.peers.home("", home.vm), end);
    this.lose(end, "noproc", this.simulator.nowMs + this.simulator.delayMs());
    return end;
  }

  /** The line of both, made if there is none. */
  join(one: SimVm, other: SimVm): Line {
    const [a, b] = one.number < other.number ? [one, other] : [other, one];
    const key = `${a.number}-${b.number}`;
    const known = this.lines.get(key);
    if (known !== undefined) return known;
    const [channelA, channelB] = gatedChannels();
    const [there, back] = [this.ledger(a, b.number), this.ledger(b, a.number)];
    const endA = new SimCarrier(a, a.kernel.peers.home("", b.number), channelA, there, back);
    const endB = new SimCarrier(b, b.kernel.peers.home("", a.number), channelB, back, there);
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
      end.flush();
      if (!end.home.lost) end.home.carrier = end;
    }
    // One side has given the other up before it was there.
    if (endA.home.lost || endB.home.lost) this.cut(a, b);
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
    return this.lines.get(a.number < b.number ? `${a.number}-${b.number}` : `${b.number}-${a.number}`);
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
    const line = this.join(a, b);
    if (line.cut) return;
    line.cut = true;
    for (const way of line.ways) way.break();
    for (const end of line.ends) {
      end.close();
      this.lose(end, "noconnection", this.simulator.nowMs + this.simulator.delayMs());
    }
  }

  hold(a: SimVm, b: SimVm, forMs: number): void {
    const line = this.join(a, b);
    for (const way of line.ways) way.hold(this.simulator.nowMs + forMs);
  }

  /** Nothing is held up any more. */
  heal(): void {
    for (const { ways } of this.lines.values()) for (const way of ways) way.heal();
  }

  /**
   * The VM is no more. Its peers hear `reason`, after all it has still said if `drained`, else at any moment: then the rest is
   * lost.
   */
  ended(vm: SimVm, reason: ExitReason, drained: boolean): void {
    const { simulator } = this;
    for (const [key, line] of this.lines) {
      const own = line.ends.findIndex((end) => end.vm === vm);
      if (own < 0) continue;
      this.lines.delete(key);
      // Towards it, nothing arrives any more.
      const [out, back] = own === 0 ? line.ways : [line.ways[1], line.ways[0]];
      back.break();
      line.ends[own]?.close();
      const other = line.ends[1 - own];
      if (other === undefined || line.cut) continue;
      const soonAtMs = simulator.nowMs + simulator.delayMs();
      this.lose(
        other,
        reason,
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
      if (vm.gone) {
        this.losses--;
        return;
      }
      if (vm.pausedUntilMs > simulator.nowMs) return simulator.schedule.set(loss, vm.pausedUntilMs);
      this.losses--;
      if (drained) last?.drain();
      last?.break();
      const ways = this.incoming.get(vm) ?? [];
      if (last !== undefined && ways.includes(last)) ways.splice(ways.indexOf(last), 1);
      end.close();
      vm.carriers.delete(home);
      vm.observer.note(vm, `lost vm${home.vm}: ${shown(reason)}`);
      vm.kernel.peers.lost(home, reason);
      vm.noticePromises();
      vm.wake();
    };
    const loss = new Once(happens);
    simulator.schedule.set(loss, atMs);
  }

  private ledger(from: SimVm, to: number): Ledger {
    return new Ledger(`${from.name} to vm${to}`, this.simulator.violated);
  }
}
