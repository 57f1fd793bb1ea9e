/** Two hosts on this machine's loopback, with a box between them that can be cut. */
import { openTcp, type HostLink, type TcpHosts, type TcpHostsOptions } from "../../../transports/index.ts";
import { expect } from "vitest";
import type { EndOptions, HostNetwork, HostPair } from "../../contract/host-pair.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { BlackBox } from "./black-box.ts";

export function tcpNetwork(
  name: string,
  securityOf: (host: string) => TcpHostsOptions["security"],
): HostNetwork {
  return {
    name,
    async join(dialer, acceptor) {
      const clock = new ManualClock();
      const open = (end: EndOptions): Promise<TcpHosts> =>
        openTcp({ ...end, security: securityOf(end.own.name), clock });
      const far = await open(acceptor);
      const { port } = await far.listen({ host: "127.0.0.1", port: 0 });
      const box = await BlackBox.to(port);
      return new TcpPair(clock, box, open, far, await open(dialer));
    },
  };
}

class TcpPair implements HostPair {
  readonly dialer: HostLink;
  private readonly clock: ManualClock;
  private readonly box: BlackBox;
  private readonly open: (end: EndOptions) => Promise<TcpHosts>;
  private readonly all: TcpHosts[];

  constructor(
    clock: ManualClock,
    box: BlackBox,
    open: (end: EndOptions) => Promise<TcpHosts>,
    far: TcpHosts,
    near: TcpHosts,
  ) {
    this.clock = clock;
    this.box = box;
    this.open = open;
    this.all = [near, far];
    this.dialer = near.dial({ host: "127.0.0.1", port: box.port });
  }

  cut(): void {
    this.box.cut();
  }

  heal(): void {
    this.box.heal();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }

  step(): void {}

  async redial(dialer: EndOptions): Promise<HostLink> {
    const hosts = await this.open(dialer);
    this.all.push(hosts);
    return hosts.dial({ host: "127.0.0.1", port: this.box.port });
  }

  async close(): Promise<void> {
    const closed = this.all.map((hosts) => hosts.close());
    await this.box.close();
    await Promise.all(closed);
    // Nothing of ours is left that would fire.
    expect(this.clock.pending).toBe(0);
  }
}
