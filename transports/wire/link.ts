import {
  assert,
  isMotesError,
  limits,
  type Carrier,
  type ControlKind,
  type ExitReason,
  type Home,
  type Message,
  type MotesError,
  type SignalSink,
} from "../../kernel/index.ts";
import type { Channel } from "./channel.ts";
import { Decoder, type AddressOf } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import { wireError } from "./errors.ts";
import {
  decodeFrame,
  encodeCall,
  encodeControl,
  encodeHello,
  encodeMessage,
  encodeReply,
  frame,
} from "./frame.ts";
import { OutQueue } from "./out-queue.ts";
import { Reassembly } from "./reassembly.ts";
import { portableText, type TextCodec } from "./text.ts";

/** Room for a record, where the channel says when that is too little: a host has thousands of links that say little. */
const firstRecordBytes = 256;

/** Where a link's signals go; while it is saturated, the link is not read. */
export interface LinkSink extends SignalSink {
  readonly saturated: boolean;
}

export interface LinkOptions {
  readonly own: Home;
  readonly peer: Home;
  readonly addressOf: AddressOf;
  /** Default: portable loops. */
  readonly text?: TextCodec;
}

/**
 * A carrier over any channel: signals become frames, frames too long for a record become fragments, and what finds no room waits
 * in a bounded queue. It may send before it has a channel: then everything waits. It acts on nothing by itself: its owner polls,
 * flushes, wakes the peer, and looks at `broken`; from then on it is closed.
 */
export class Link implements Carrier {
  /** Why it is of no more use: the peer broke the protocol, or its channel did. */
  broken: MotesError | undefined = undefined;
  private channel: Channel | undefined = undefined;
  private closed = false;
  private greeted = false;
  private readonly encoder: Encoder;
  private readonly decoder: Decoder;
  private readonly queue = new OutQueue();
  private readonly reassembly = new Reassembly();
  private record: Uint8Array = new Uint8Array(0);
  /** Of what is sent. */
  private recordBytesMost: number;

  constructor({ own, peer, addressOf, text = portableText }: LinkOptions) {
    this.recordBytesMost = own.host === peer.host ? Infinity : limits.farRecordBytesMax;
    this.encoder = new Encoder(own, peer, text);
    this.decoder = new Decoder(own, peer, addressOf, text);
    encodeHello(this.encoder);
    this.out(false, undefined);
  }

  /** From here on it goes through; what waits goes first. */
  connect(channel: Channel): void {
    assert(
      channel.maxRecordBytes >= limits.shortestRecordBytesMax,
      "a channel takes what was queued before it",
    );
    if (this.closed) return channel.close();
    this.channel = channel;
    this.recordBytesMost = Math.min(this.recordBytesMost, channel.maxRecordBytes);
    this.record = new Uint8Array(channel.leavesLonger === true ? firstRecordBytes : channel.maxRecordBytes);
  }

  get connected(): boolean {
    return this.channel !== undefined;
  }

  get congested(): boolean {
    return this.queue.bytes > limits.linkQueueBytesSoft;
  }

  /** Nothing waits for room. */
  get flushed(): boolean {
    return this.queue.empty;
  }

  /** Bytes of the record that waits first, -1 if none waits: the room to ask the channel for. */
  get waitingBytes(): number {
    return this.queue.firstBytes;
  }

  message(to: number, message: Message): void {
    encodeMessage(this.encoder, to, message);
    this.out(true, message);
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    encodeCall(this.encoder, to, from, id, op, args);
    this.out(true, args);
  }

  reply(id: number, ok: boolean, value: unknown): void {
    encodeReply(this.encoder, id, ok, value);
    this.out(false, value);
  }

  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void {
    encodeControl(this.encoder, kind, to, from, id, reason);
    this.out(false, reason);
  }

  /**
   * Hands on what has come in, as far as the sink takes it; all of it, if nothing more will come (`last`). The number of records.
   * What the sink throws is its own: it passes through, and breaks nothing here.
   */
  poll(sink: LinkSink, last = false): number {
    let records = 0;
    for (; records < limits.recordsPerPoll; records++) {
      if (sink.saturated && !last) break;
      const length = this.read();
      if (length < 0) break;
      this.take(length, sink);
    }
    return records;
  }

  /** Sends what waits, and publishes. True: wake the peer. */
  flush(): boolean {
    const { channel, queue } = this;
    if (channel === undefined) return false;
    try {
      while (!queue.empty && channel.write(queue.first, queue.firstBytes)) queue.shift();
      return channel.publish();
    } catch (problem) {
      this.fail(problem);
      return false;
    }
  }

  /** Ends it: what is sent from here on vanishes, as it does on the way to a VM that is gone. */
  close(): void {
    this.closed = true;
    this.channel?.close();
    this.channel = undefined;
    this.queue.clear();
  }

  /** Asks the channel something else; `broken` and this answer if it fails. */
  attempt<T>(ask: () => T, failed: T): T {
    try {
      return ask();
    } catch (problem) {
      this.fail(problem);
      return failed;
    }
  }

  private read(): number {
    const { channel } = this;
    if (channel === undefined) return -1;
    try {
      const length = channel.read(this.record);
      if (length > this.record.length) {
        this.record = new Uint8Array(Math.min(channel.maxRecordBytes, length * 2));
        return this.read();
      }
      if (length < 0 && channel.ended)
        this.fail(wireError("CARRIER_CLOSED", { why: "the other VM has closed it" }));
      return length;
    } catch (problem) {
      this.fail(problem);
      return -1;
    }
  }

  private take(length: number, sink: SignalSink): void {
    const { record, decoder, reassembly } = this;
    const kind = record[0];
    try {
      if (kind === frame.fragment || kind === frame.lastFragment) {
        const whole = reassembly.add(record.subarray(1, length), kind === frame.lastFragment);
        if (whole === undefined) return;
        decoder.start(whole, whole.length);
      } else {
        if (reassembly.length > 0) throw reassembly.corrupt("a frame between the fragments of another");
        decoder.start(record, length);
      }
      this.greet(decoder.kind);
      decodeFrame(decoder, sink);
    } catch (problem) {
      if (!isPeerFault(problem)) throw problem;
      this.fail(problem);
    }
  }

  /** The first frame is a hello, and no other is. */
  private greet(kind: number): void {
    if ((kind === frame.hello) === this.greeted)
      throw this.decoder.corrupt("a hello missing, or a second one");
    this.greeted = true;
  }

  /** Sends the frame in the encoder. `refusable`: may be turned away at the hard bound, with what it was made from. */
  private out(refusable: boolean, refused: unknown): void {
    const { encoder, queue, channel } = this;
    const { bytes, at } = encoder;
    if (this.closed) return;
    const queuedBytes = queue.bytes + at;
    const bytesMax = limits.linkQueueBytesMax;
    if (refusable && queuedBytes > bytesMax) {
      encoder.rollback();
      throw wireError("CARRIER_FULL", { queuedBytes: queue.bytes, bytesMax, refused });
    }
    // Answers and signals have as much room again. A peer that makes us answer and does not read fills that too.
    if (queuedBytes > 2 * bytesMax)
      return this.fail(wireError("CARRIER_STUCK", { queuedBytes, bytesMax: 2 * bytesMax }));
    if (channel === undefined) return queue.add(bytes, at, undefined);
    if (at > this.recordBytesMost) return queue.add(bytes, at, this.recordBytesMost);
    try {
      if (queue.empty && channel.write(bytes, at)) return;
    } catch (problem) {
      return this.fail(problem);
    }
    queue.add(bytes, at, this.recordBytesMost);
  }

  private fail(problem: unknown): void {
    if (!isMotesError(problem) || problem.code === "BUG") throw problem;
    this.broken ??= problem;
    this.close();
  }
}

const isPeerFault = (problem: unknown): boolean =>
  isMotesError(problem, "FRAME_CORRUPT") || isMotesError(problem, "PROTOCOL_MISMATCH");
