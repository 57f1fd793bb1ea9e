/** Two links over a channel, and what has come through to each end, in order, for comparison with a plain list. */
import { control, type ControlKind, type ExitReason, type Message } from "../../../kernel/index.ts";
import { attachRingPair, createRingPair, RingChannel, ringPairBytes } from "../../../transports/index.ts";
import { Link, memoryChannel, type Channel, type LinkSink } from "../../../transports/wire/index.ts";
import { nodeText } from "../../../src/targets/node-text.ts";
import { TwoVms } from "./two-vms.ts";

/** Keeps what comes, as a list of what was called with what. */
export class Log implements LinkSink {
  readonly heard: unknown[] = [];
  /** How much more it takes before it is saturated. */
  room = Infinity;

  get saturated(): boolean {
    return this.room <= 0;
  }
  message(to: number, message: Message): void {
    this.add("message", to, message);
  }
  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.add("call", to, from, id, op, args);
  }
  reply(id: number, ok: boolean, value: unknown): void {
    this.add("reply", id, ok, value);
  }
  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void {
    this.add("control", kind, to, from, id, reason);
  }
  private add(...what: unknown[]): void {
    this.heard.push(what);
    this.room--;
  }
}

export const channels: Readonly<Record<string, (capacityBytes: number) => [Channel, Channel]>> = {
  memory: (capacityBytes) => memoryChannel({ capacityBytes }),
  ring: (capacityBytes) => {
    const memory = new SharedArrayBuffer(ringPairBytes(capacityBytes));
    createRingPair(memory, { capacityBytes });
    const end = (name: "a" | "b"): Channel =>
      new RingChannel(attachRingPair(memory, name, { capacityBytes }));
    return [end("a"), end("b")];
  },
};

export class LinkPair {
  readonly vms: TwoVms = new TwoVms(nodeText);
  readonly one: Link;
  readonly two: Link;
  readonly atOne: Log = new Log();
  readonly atTwo: Log = new Log();

  constructor() {
    const { one, two } = this.vms;
    const addressOf = (host: string, vm: number, serial: number) => two.address(host, vm, serial);
    this.one = new Link({ own: one.home, peer: one.peers.home("", 2), addressOf, text: nodeText });
    this.two = new Link({ own: two.home, peer: two.peers.home("", 1), addressOf, text: nodeText });
  }

  connect([first, second]: readonly [Channel, Channel]): this {
    this.one.connect(first);
    this.two.connect(second);
    return this;
  }

  /** Until nothing moves. */
  settle(): this {
    for (let quiet = 0; quiet < 2; ) {
      this.one.flush();
      this.two.flush();
      const moved = this.one.poll(this.atOne) + this.two.poll(this.atTwo);
      quiet =
        moved > 0 ||
        (!this.one.flushed && !this.atTwo.saturated) ||
        (!this.two.flushed && !this.atOne.saturated)
          ? 0
          : quiet + 1;
      if (this.one.broken !== undefined || this.two.broken !== undefined) quiet++;
    }
    return this;
  }
}

export const linkExit: ControlKind = control.linkExit;
