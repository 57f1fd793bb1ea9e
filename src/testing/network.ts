import { defaultBootTimeoutMs, graceMs } from "../host/life.ts";
import { HostLink } from "./host-link.ts";
import { Passages } from "./passages.ts";
import type { Random, Range } from "./random.ts";
import { Once } from "./schedule.ts";
import type { SimHost } from "./sim-host.ts";
import type { Simulator } from "./simulator.ts";

/**
 * The network between simulated hosts: which of them there are, who is linked with whom, and what is cut. A host that hears nothing
 * of another for the detection time has lost it; one whose link the other has closed hears that, if it can. When nothing stands
 * between two any more, they are linked anew. Semantics: `Membership` and `Switch`.
 */
export class Network {
  private readonly simulator: Simulator;
  private readonly random: Random;
  /** From the loss of a link to the next try. */
  private readonly redialMs: Range;
  private readonly live: SimHost[] = [];
  private readonly links = new Set<HostLink>();
  /** By two lives, when the last link between them was lost to one. */
  private readonly lost = new Map<string, number>();
  private readonly passages = new Passages();

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    this.random = simulator.stream(-3);
    const { detectMs } = simulator.options;
    this.redialMs = [detectMs / 100, detectMs / 2.5];
  }

  /** Those that live, in the order in which they came. */
  get hosts(): readonly SimHost[] {
    return this.live;
  }

  named(name: string): SimHost | undefined {
    return this.live.find((host) => host.name === name);
  }

  /** Every link is up to both. */
  get settled(): boolean {
    for (const link of this.links) if (!link.isUp) return false;
    return true;
  }

  /** The link to the host of that address, if this one has it. */
  linkOf(host: SimHost, address: string): HostLink | undefined {
    if (address === "") return undefined;
    return this.linksOf(host).find((link) => link.isUpTo(host) && link.other(host).address === address);
  }

  linksOf(host: SimHost): readonly HostLink[] {
    return [...this.links].filter(({ hosts }) => hosts.includes(host));
  }

  /** When a link between the two was last lost to one of them. */
  lostAtMs(a: SimHost, b: SimHost): number {
    return this.lost.get(pairOf(a, b)) ?? -Infinity;
  }

  /** At the start: it is linked with all others. */
  add(host: SimHost): void {
    for (const other of this.live) {
      const link = new HostLink(other, host, 0);
      link.open();
      this.links.add(link);
    }
    this.live.push(host);
  }

  /** It begins to dial the others. */
  addLate(host: SimHost): void {
    this.live.push(host);
    for (const other of this.live) if (other !== host) this.meet(host.name, other.name);
  }

  /** Until when nothing gets from one host to the other; 0: it does. */
  blockedUntilMs(from: SimHost, to: SimHost): number {
    return Math.max(this.passages.of(from.name, to.name).untilMs, from.pausedUntilMs);
  }

  /** Nothing gets from `from` to `to` for so long. */
  cut(from: SimHost, to: SimHost, forMs: number): void {
    const untilMs = this.passages.cut(from.name, to.name, this.simulator.nowMs, forMs);
    for (const link of this.linksOf(from)) {
      if (link.other(from) !== to) continue;
      for (const [end, into] of link.ends) if (end.vm.host === to) into?.hold(untilMs);
      this.listen(link, to);
    }
  }

  /** None of its VMs runs for so long. */
  pause(host: SimHost, forMs: number): void {
    const { nowMs } = this.simulator;
    if (host.pausedUntilMs <= nowMs) host.pausedSinceMs = nowMs;
    host.pausedUntilMs = Math.max(host.pausedUntilMs, nowMs + forMs);
    for (const vm of host.vms) vm.pausedUntilMs = Math.max(vm.pausedUntilMs, host.pausedUntilMs);
    for (const link of this.linksOf(host)) this.listen(link, link.other(host));
  }

  /** All of it is gone. `told`: its connections end with it, so that the others notice at once. */
  kill(host: SimHost, told: boolean): void {
    const { simulator } = this;
    host.goneAtMs = simulator.nowMs;
    this.live.splice(this.live.indexOf(host), 1);
    for (const vm of host.vms) simulator.vanish(vm, told);
    for (const link of this.linksOf(host)) {
      link.lostBy(host);
      const other = link.other(host);
      const open = told && this.passages.of(host.name, other.name).untilMs <= simulator.nowMs;
      if (open) this.fail(link, other, "LINK_LOST");
      else this.listen(link, other);
      this.finish(link);
    }
  }

  /** What was only to last for a while is over. */
  heal(): void {
    this.passages.heal();
    for (const host of this.live) host.pausedUntilMs = 0;
  }

  /** `host` looks after the detection time whether it has heard of the other one. It has heard a beat before, at the most. */
  private listen(link: HostLink, host: SimHost): void {
    const { simulator } = this;
    const { detectMs } = simulator.options;
    const beatMs = detectMs / 5;
    const askedAtMs = simulator.nowMs;
    const patienceMs = detectMs - this.random.between([0, beatMs]);
    const look = (): void => {
      if (!link.isUpTo(host)) return;
      const { nowMs } = simulator;
      // One that itself stood still reads first what came meanwhile.
      if (host.pausedUntilMs > nowMs) return simulator.schedule.set(looks, host.pausedUntilMs + beatMs);
      if (this.silentSinceMs(link.other(host), host) <= askedAtMs) this.lose(link, host, "LINK_SILENT");
    };
    const looks = new Once(look);
    simulator.schedule.set(looks, simulator.nowMs + patienceMs);
  }

  /** Since when the one has not been heard by the other; `Infinity`: it is heard. */
  private silentSinceMs(from: SimHost, by: SimHost): number {
    const { nowMs } = this.simulator;
    const { sinceMs, untilMs } = this.passages.of(from.name, by.name);
    return Math.min(
      from.goneAtMs,
      from.pausedUntilMs > nowMs ? from.pausedSinceMs : Infinity,
      untilMs > nowMs ? sinceMs : Infinity,
    );
  }

  /** `host` hears, a little later, that its link has ended. */
  private fail(link: HostLink, host: SimHost, why: string): void {
    const { simulator } = this;
    const hears = new Once(() => {
      if (host.pausedUntilMs > simulator.nowMs) return simulator.schedule.set(hears, host.pausedUntilMs);
      this.lose(link, host, why);
    });
    simulator.schedule.set(hears, simulator.nowMs + simulator.delayMs());
  }

  private lose(link: HostLink, host: SimHost, why: string): void {
    if (!link.isUpTo(host) || host.goneAtMs < Infinity) return;
    const other = link.other(host);
    link.lostBy(host);
    this.lost.set(pairOf(host, other), this.simulator.nowMs);
    this.simulator.observer.note(host.vm, `has lost ${other.address}: ${why}`);
    this.simulator.lines.sever(link, host);
    host.heard({ type: "hostdown", host: host.nameOf(other), why });
    this.expectNoOrphans(host, other);
    // It closes its end: the other one is told, or hears nothing any more.
    if (link.isUpTo(other)) {
      if (this.passages.of(host.name, other.name).untilMs <= this.simulator.nowMs)
        this.fail(link, other, "LINK_CLOSED");
      else this.closeLater(link, other);
    }
    this.finish(link);
  }

  /** A VM ends with its owner, and when that cannot be reached any more: after the grace that it has, and after its boot. */
  private expectNoOrphans(host: SimHost, other: SimHost): void {
    const { simulator } = this;
    for (const { vm, owner, root } of host.kept.values()) {
      if (owner.host !== other.address) continue;
      const graceOfAllMs = graceMs + (root === undefined ? defaultBootTimeoutMs : 0) + 1000;
      const looks = new Once(() => {
        if (vm.gone) return;
        if (host.pausedUntilMs > simulator.nowMs)
          return simulator.schedule.set(looks, host.pausedUntilMs + graceOfAllMs);
        simulator.violated("VMs end with their owners", `${vm.name} lives on, and ${other.address} is lost`);
      });
      simulator.schedule.set(looks, simulator.nowMs + graceOfAllMs);
    }
  }

  private closeLater(link: HostLink, host: SimHost): void {
    const { simulator } = this;
    const silent = new Once(() => {
      if (host.pausedUntilMs > simulator.nowMs) return simulator.schedule.set(silent, host.pausedUntilMs);
      this.lose(link, host, "LINK_SILENT");
    });
    simulator.schedule.set(silent, simulator.nowMs + simulator.options.detectMs);
  }

  private finish(link: HostLink): void {
    if (!link.isOver || !this.links.delete(link)) return;
    const [a, b] = link.hosts;
    this.meet(a.name, b.name);
  }

  /** They dial each other until they are linked, or one is no more. */
  private meet(one: string, other: string): void {
    const { simulator } = this;
    const tries = new Once(() => {
      const [a, b] = [this.named(one), this.named(other)];
      if (a === undefined || b === undefined) return;
      const known = [...this.links].some(({ hosts }) =>
        hosts.every(({ name }) => name === one || name === other),
      );
      if (known) return;
      const freeAtMs = Math.max(this.blockedUntilMs(a, b), this.blockedUntilMs(b, a));
      if (freeAtMs > simulator.nowMs)
        simulator.schedule.set(tries, freeAtMs + this.random.between(this.redialMs));
      else if (this.random.chance(1 / 2)) this.link(a, b);
      else this.link(b, a);
    });
    simulator.schedule.set(tries, simulator.nowMs + this.random.between(this.redialMs));
  }

  /** The one that accepts has it first. */
  private link(acceptor: SimHost, dialer: SimHost): void {
    const { simulator } = this;
    const link = new HostLink(acceptor, dialer, simulator.nowMs + simulator.delayMs());
    this.links.add(link);
    this.tellUp(acceptor, dialer);
    const opens = new Once(() => {
      if (link.isOver || dialer.goneAtMs < Infinity) return;
      link.opensAtMs = Math.max(link.opensAtMs, this.blockedUntilMs(acceptor, dialer), dialer.pausedUntilMs);
      if (link.opensAtMs > simulator.nowMs) return simulator.schedule.set(opens, link.opensAtMs);
      link.open();
      this.tellUp(dialer, acceptor);
    });
    simulator.schedule.set(opens, link.opensAtMs);
  }

  private tellUp(host: SimHost, other: SimHost): void {
    this.simulator.observer.note(host.vm, `is linked with ${other.address}`);
    host.heard({ type: "hostup", host: host.nameOf(other) });
  }
}

const pairOf = (a: SimHost, b: SimHost): string =>
  a.ordinal < b.ordinal ? `${a.address} ${b.address}` : `${b.address} ${a.address}`;
