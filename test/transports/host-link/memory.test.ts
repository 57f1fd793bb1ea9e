import { hostLinkContract } from "../../contract/host-link.ts";
import type { EndOptions, HostNetwork, HostPair } from "../../contract/host-pair.ts";
import { loadChecksum, MemoryHosts, type HostLink } from "../../../transports/index.ts";

const memory: HostNetwork = {
  name: "memory",
  async join(dialer, acceptor) {
    const checksum = await loadChecksum();
    const make = (end: EndOptions): MemoryHosts => new MemoryHosts(end, acceptor, checksum);
    return new MemoryPair(make, dialer);
  },
};

class MemoryPair implements HostPair {
  readonly dialer: HostLink;
  private readonly make: (end: EndOptions) => MemoryHosts;
  private readonly all: MemoryHosts[];

  constructor(make: (end: EndOptions) => MemoryHosts, dialer: EndOptions) {
    const first = make(dialer);
    this.make = make;
    this.all = [first];
    this.dialer = first.links[0];
  }

  cut(): void {
    for (const hosts of this.all) hosts.cut();
  }

  heal(): void {
    for (const hosts of this.all) hosts.heal();
  }

  advance(ms: number): void {
    for (const hosts of this.all) hosts.advance(ms);
  }

  step(): void {
    for (const hosts of this.all) hosts.step();
  }

  async redial(dialer: EndOptions): Promise<HostLink> {
    const hosts = this.make(dialer);
    this.all.push(hosts);
    return hosts.links[0];
  }

  async close(): Promise<void> {}
}

hostLinkContract(memory);
