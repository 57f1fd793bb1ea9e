import type { SimCarrier } from "./carrier.ts";
import type { SimHost } from "./sim-host.ts";
import type { Way } from "./way.ts";

/**
 * One link between two simulated hosts, from the moment it is up to the one when both have lost it; each loses it in its own time.
 * It knows the lanes over it, as ends of ways between VMs. Semantics: `Switch`, one link between two lives of hosts.
 */
export class HostLink {
  readonly hosts: readonly [SimHost, SimHost];
  /** Ends of lanes, at both hosts, whose VMs have not heard of their loss; and what leads into each. */
  readonly ends: Map<SimCarrier, Way | undefined> = new Map();
  /** When the one that dials has heard that it is up; the other one has from the beginning. */
  opensAtMs: number;
  private opening = true;
  private readonly up: Set<SimHost>;

  constructor(acceptor: SimHost, dialer: SimHost, opensAtMs: number) {
    this.hosts = [acceptor, dialer];
    this.opensAtMs = opensAtMs;
    this.up = new Set([acceptor]);
  }

  open(): void {
    this.opening = false;
    this.up.add(this.hosts[1]);
  }

  /** To both. */
  get isUp(): boolean {
    return this.up.size === 2;
  }

  /** The other one has lost it, or is gone: not one that is still to hear that it is up. */
  isClosing(host: SimHost): boolean {
    return !this.up.has(this.other(host)) && !this.opening;
  }

  isUpTo(host: SimHost): boolean {
    return this.up.has(host);
  }

  /** Neither has it any more. */
  get isOver(): boolean {
    return this.up.size === 0;
  }

  other(host: SimHost): SimHost {
    const [a, b] = this.hosts;
    return host === a ? b : a;
  }

  add(end: SimCarrier, into: Way | undefined): void {
    this.ends.set(end, into);
  }

  lostBy(host: SimHost): void {
    this.opening = false;
    this.up.delete(host);
  }
}
