/** Two hosts on one NATS server, the dialer behind a box that can be cut. */
import { expect } from "vitest";
import { openNats, type HostLink, type NatsHosts } from "../../../transports/index.ts";
import type { EndOptions, HostNetwork, HostPair } from "../../contract/host-pair.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import type { NatsServer } from "../../support/nats-server.ts";
import { BlackBox } from "../tcp/black-box.ts";

export function natsNetwork(server: () => NatsServer): HostNetwork {
  return {
    name: "NATS",
    apart: true,
    async join(dialer, acceptor) {
      const clock = new ManualClock();
      const box = await BlackBox.to(server().port);
      const open = (end: EndOptions, port: number): Promise<NatsHosts> =>
        openNats({ ...end, server: { servers: `nats://127.0.0.1:${port}` }, clock });
      const far = await open(acceptor, server().port);
      const near = await open(dialer, box.port);
      return new NatsPair(clock, box, acceptor.own.name, (end) => open(end, box.port), far, near);
    },
  };
}

class NatsPair implements HostPair {
  readonly dialer: HostLink;
  private readonly clock: ManualClock;
  private readonly box: BlackBox;
  private readonly peer: string;
  private readonly open: (end: EndOptions) => Promise<NatsHosts>;
  private readonly all: NatsHosts[];
  private wasCut = false;

  constructor(
    clock: ManualClock,
    box: BlackBox,
    peer: string,
    open: (end: EndOptions) => Promise<NatsHosts>,
    far: NatsHosts,
    near: NatsHosts,
  ) {
    this.clock = clock;
    this.box = box;
    this.peer = peer;
    this.open = open;
    this.all = [near, far];
    this.dialer = near.dial(peer);
  }

  cut(): void {
    this.wasCut = true;
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
    return hosts.dial(this.peer);
  }

  async close(): Promise<void> {
    // Behind a cut box nobody answers; otherwise the client need not look for a server that is gone.
    if (this.wasCut) await this.box.close();
    await Promise.all(this.all.map((hosts) => hosts.close()));
    if (!this.wasCut) await this.box.close();
    expect(this.clock.pending).toBe(0);
  }
}
