import {
  Address,
  type Carrier,
  type ControlKind,
  type ExitReason,
  type Home,
  type Kernel,
  type Message,
  type MotesError,
} from "../../kernel/index.ts";
import { type Channel, Link, type LinkSink, type TextCodec } from "../../transports/wire/index.ts";
import type { Bell } from "./doorbell.ts";
import type { Line } from "./line.ts";
import type { Parkable } from "./line-set.ts";

/** A channel that a vCPU can sleep by. */
export interface SleepyChannel extends Channel {
  /** True if `read` would find something. */
  readonly waiting: boolean;
  /** Asks to be woken for new records, and for room if `bytesToWrite` is not negative. False: there is something to do already. */
  prepareSleep(bytesToWrite: number): boolean;
  awake(): void;
}

/**
 * The line between two VMs of one machine: a link over a channel, and the other VM's doorbell. It may be used before it is open:
 * what is sent waits, in order. Knows neither rings nor Node, so that every kind of guest can use it.
 */
export class LinkLine implements Line, Parkable, Carrier {
  readonly home: Home;
  roused: (() => void) | undefined = undefined;
  private readonly kernel: Kernel;
  private readonly link: Link;
  private readonly sink: LinkSink;
  private channel: SleepyChannel | undefined = undefined;
  private bell: Bell | undefined = undefined;
  /** Messages sent before there is a channel, by their receiver: dead letters if there never is one. */
  private readonly early = new Map<number, { readonly first: Message; count: number }>();

  constructor(kernel: Kernel, home: Home, text: TextCodec) {
    this.kernel = kernel;
    this.home = home;
    this.sink = kernel.inbound(home);
    this.link = new Link({
      own: kernel.home,
      peer: home,
      addressOf: (host, vm, serial) => kernel.address(host, vm, serial),
      text,
    });
  }

  protected open(channel: SleepyChannel, bell: Bell): void {
    this.channel = channel;
    this.bell = bell;
    this.link.connect(channel);
    this.early.clear();
  }

  get carrier(): Carrier {
    return this;
  }

  get congested(): boolean {
    return this.link.congested;
  }

  get broken(): MotesError | undefined {
    return this.link.broken;
  }

  message(to: number, message: Message): void {
    this.roused?.();
    this.link.message(to, message);
    if (this.channel === undefined) this.remember(to, message);
    this.kernel.rearm();
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.roused?.();
    this.link.call(to, from, id, op, args);
    this.kernel.rearm();
  }

  reply(id: number, ok: boolean, value: unknown): void {
    this.roused?.();
    this.link.reply(id, ok, value);
    this.kernel.rearm();
  }

  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void {
    this.roused?.();
    this.link.control(kind, to, from, id, reason);
    this.kernel.rearm();
  }

  poll(): number {
    return this.link.broken === undefined ? this.link.poll(this.sink) : -1;
  }

  drain(): void {
    while (this.link.poll(this.sink, true) > 0);
  }

  get waiting(): boolean {
    return this.channel?.waiting === true;
  }

  flush(): boolean {
    const { link } = this;
    // Looked at before: a queue that was above its bound for a moment only has stopped its senders all the same.
    const wasCongested = link.congested;
    const wake = link.flush();
    if (wasCongested && !link.congested) this.kernel.peers.drained(this.home);
    return wake;
  }

  wakePeer(): void {
    this.bell?.ring();
  }

  prepareSleep(): boolean {
    const { channel, link } = this;
    if (link.broken !== undefined) return false;
    if (channel === undefined) return true;
    return link.attempt(() => channel.prepareSleep(link.waitingBytes), false);
  }

  awake(): void {
    this.channel?.awake();
  }

  get flushed(): boolean {
    return this.link.flushed;
  }

  close(): void {
    this.link.close();
    this.channel = undefined;
    for (const [to, { first, count }] of this.early)
      this.kernel.deadLetters.add(new Address(this.home, to, null), first, "its VM is not there", count);
    this.early.clear();
  }

  private remember(to: number, message: Message): void {
    const known = this.early.get(to);
    if (known !== undefined) known.count++;
    else if (this.link.broken === undefined) this.early.set(to, { first: message, count: 1 });
  }
}
