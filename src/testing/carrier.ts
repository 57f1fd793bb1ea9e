import {
  control,
  type Carrier,
  type ControlKind,
  type ExitReason,
  type Home,
  type Message,
} from "../../kernel/index.ts";
import { Link, type LinkSink } from "../../transports/wire/index.ts";
import type { GatedChannel } from "./channel.ts";
import type { Ledger } from "./invariants/ledger.ts";
import type { HostLink } from "./host-link.ts";
import { vmName, type SimVm } from "./vm.ts";

/** Out of here, and into here. */
type Ledgers = readonly [out: Ledger, into: Ledger];

/**
 * One VM's end of its way to another: a real link, whose frames go through a channel that the simulation opens when it likes.
 * What goes in and what comes out is held against a ledger.
 */
export class SimCarrier implements Carrier {
  readonly vm: SimVm;
  readonly home: Home;
  readonly channel: GatedChannel;
  private readonly link: Link;
  private readonly sink: LinkSink;
  /** What is on its way out of here. */
  private readonly out: Ledger;
  /** The link between two hosts that it is a lane of. */
  readonly between: HostLink | undefined;
  closed = false;
  /** Its VM has heard that the way is lost. */
  over = false;

  constructor(vm: SimVm, home: Home, channel: GatedChannel, [out, into]: Ledgers, between?: HostLink) {
    const { kernel } = vm;
    this.between = between;
    this.vm = vm;
    this.home = home;
    this.channel = channel;
    this.out = out;
    this.sink = new Held(vm, home, into);
    this.link = new Link({
      own: kernel.home,
      peer: home,
      addressOf: (host, number, serial) => kernel.address(host, number, serial),
    });
    this.link.connect(channel);
  }

  get congested(): boolean {
    return this.link.congested;
  }

  get saturated(): boolean {
    return this.sink.saturated;
  }

  get flushed(): boolean {
    return this.link.flushed;
  }

  message(to: number, message: Message): void {
    this.link.message(to, message);
    if (!this.closed) this.out.message(to, message);
    this.vm.kernel.rearm();
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.link.call(to, from, id, op, args);
    if (!this.closed) this.out.call(to, from, id, op, args);
    this.vm.kernel.rearm();
  }

  reply(id: number, ok: boolean, value: unknown): void {
    this.link.reply(id, ok, ok ? value : withoutStack(value));
    if (!this.closed) this.out.reply(id, ok, value);
    this.vm.kernel.rearm();
  }

  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void {
    this.vm.observer.controlSent(this.vm, kind, from, this.home, to, reason);
    // Sound: a reason without its stack is a reason.
    this.link.control(kind, to, from, id, withoutStack(reason) as ExitReason | undefined);
    if (!this.closed) this.out.control(kind, to, from, id, reason);
    this.vm.kernel.rearm();
  }

  /** Hands on the records that were let through, unless the receiver has too much already. */
  read(last = false): void {
    this.link.poll(this.sink, last);
    const { broken } = this.link;
    if (broken !== undefined && !this.closed) throw broken;
  }

  flush(): void {
    if (this.closed) return;
    const { link } = this;
    const wasCongested = link.congested;
    link.flush();
    if (wasCongested && !link.congested) this.vm.kernel.peers.drained(this.home);
  }

  /** What is sent from here on vanishes. */
  close(): void {
    this.closed = true;
    this.link.close();
  }
}

/** What comes out of a link: first the ledger looks at it, then the kernel takes it. */
class Held implements LinkSink {
  private readonly vm: SimVm;
  private readonly home: Home;
  private readonly peer: string;
  private readonly inner: LinkSink;
  private readonly ledger: Ledger;

  constructor(vm: SimVm, home: Home, ledger: Ledger) {
    this.vm = vm;
    this.home = home;
    this.peer = vmName(home.host, home.vm);
    this.inner = vm.kernel.inbound(home);
    this.ledger = ledger;
  }

  get saturated(): boolean {
    return this.inner.saturated;
  }

  message(to: number, message: Message): void {
    this.ledger.messageArrived(to, message);
    this.inner.message(to, message);
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.ledger.callArrived(to, from, id, op, args);
    this.inner.call(to, from, id, op, args);
  }

  reply(id: number, ok: boolean, value: unknown): void {
    this.ledger.replyArrived(id, ok, value);
    this.vm.observer.arrived(this.vm, `${ok ? "answer" : "failure"} ${id} from ${this.peer}`);
    this.inner.reply(id, ok, value);
  }

  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void {
    this.ledger.controlArrived(kind, to, from, id);
    if (kind === control.link) this.vm.observer.linkArrived(this.vm, to, this.home, from);
    if (kind > control.linkExit && kind !== control.down)
      this.vm.observer.arrived(this.vm, `${nameOf(kind)} ${id} from ${this.peer} ${from} to ${to}`);
    this.inner.control(kind, to, from, id, reason);
  }
}

const names = Object.entries(control);
const nameOf = (kind: ControlKind): string => names.find(([, number]) => number === kind)?.[0] ?? "";

/** A stack names files of this machine, and would make the bytes under way differ from those on another one. */
function withoutStack(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("reason" in value) return { ...value, reason: withoutStack(value.reason) };
  if (!("stack" in value)) return value;
  const { stack: _, ...rest } = value;
  return rest;
}
