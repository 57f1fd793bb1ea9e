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
import { attachRingPair, RingChannel, type RingPairEnd } from "../../transports/index.ts";
import { Link, type LinkSink } from "../../transports/wire/index.ts";
import type { Bell } from "./doorbell.ts";
import type { Line } from "./line.ts";
import { nodeText } from "./node-text.ts";

/** A pair of rings in memory that both of its VMs see; the host makes it. */
export type RingMemory = SharedArrayBuffer | MappedRing;

/** One below `/dev/shm`. */
export interface MappedRing {
  /** Where other processes find it. */
  readonly path: string;
  readonly buffer: ArrayBuffer;
}

/**
 * The line between two VMs of one machine: a link over a pair of rings, and the other VM's doorbell. It may be used before it
 * is connected: what is sent waits, in order.
 */
export class RingLine implements Line, Carrier {
  readonly home: Home;
  private readonly kernel: Kernel;
  private readonly link: Link;
  private readonly sink: LinkSink;
  private channel: RingChannel | undefined = undefined;
  private bell: Bell | undefined = undefined;
  private wasCongested = false;
  /** Messages sent before there is a ring, by their receiver: dead letters if there never is one. */
  private readonly early = new Map<number, { readonly first: Message; count: number }>();

  constructor(kernel: Kernel, home: Home) {
    this.kernel = kernel;
    this.home = home;
    this.sink = kernel.inbound(home);
    this.link = new Link({
      own: kernel.home,
      peer: home,
      addressOf: (host, vm, serial) => kernel.address(host, vm, serial),
      text: nodeText,
    });
  }

  connect(memory: RingMemory, end: RingPairEnd, bell: Bell): void {
    this.channel = new RingChannel(attachRingPair("path" in memory ? memory.buffer : memory, end));
    this.bell = bell;
    this.link.connect(this.channel);
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
    this.link.message(to, message);
    if (this.channel === undefined) this.remember(to, message);
    this.kernel.rearm();
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.link.call(to, from, id, op, args);
    this.kernel.rearm();
  }

  reply(id: number, ok: boolean, value: unknown): void {
    this.link.reply(id, ok, value);
    this.kernel.rearm();
  }

  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void {
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
    // Somebody may wait for it since this turn only, and one flush may be all it takes.
    if (this.link.congested) this.wasCongested = true;
    const wake = this.link.flush();
    if (this.wasCongested && !this.link.congested) {
      this.wasCongested = false;
      this.kernel.peers.drained(this.home);
    }
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
