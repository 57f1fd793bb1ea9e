import {
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
 * flushes, wakes the peer, and looks at `broken`.
 */
export class Link implements Carrier {
  /** Why it is of no more use: the peer broke the protocol, or its channel did. */
  broken: MotesError | undefined = undefined;
  private channel: Channel | undefined = undefined;
  private readonly encoder: Encoder;
  private readonly decoder: Decoder;
  private readonly queue = new OutQueue();
  private readonly reassembly = new Reassembly();
  private record: Uint8Array = new Uint8Array(0);

  constructor({ own, peer, addressOf, text = portableText }: LinkOptions) {
    this.encoder = new Encoder(own, peer, text);
    this.decoder = new Decoder(own, peer, addressOf, text);
    encodeHello(this.encoder);
    this.out(false, undefined);
  }

  /** From here on it goes through; what waits goes first. */
  connect(channel: Channel): void {
    this.channel = channel;
    this.record = new Uint8Array(channel.maxRecordBytes);
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
    return this.queue.first?.length ?? -1;
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

  /** Hands on what has come in, as far as the sink takes it. The number of records; 0 as soon as it is broken. */
  poll(sink: LinkSink): number {
    const { channel, record } = this;
    if (channel === undefined || this.broken !== undefined) return 0;
    let records = 0;
    try {
      while (records < limits.recordsPerPoll && !sink.saturated) {
        const length = channel.read(record);
        if (length < 0) break;
        records++;
        this.take(length, sink);
      }
    } catch (problem) {
      this.fail(problem);
    }
    return records;
  }

  /** Sends what waits, and publishes. True: wake the peer. */
  flush(): boolean {
    const { channel, queue } = this;
    if (channel === undefined || this.broken !== undefined) return false;
    try {
      for (let first = queue.first; first !== undefined; first = queue.first) {
        if (!channel.write(first, first.length)) break;
        queue.shift();
      }
      return channel.publish();
    } catch (problem) {
      this.fail(problem);
      return false;
    }
  }

  close(): void {
    this.channel?.close();
    this.channel = undefined;
    this.queue.clear();
  }

  private take(length: number, sink: SignalSink): void {
    const { record, decoder } = this;
    const kind = record[0];
    if (kind === frame.fragment || kind === frame.lastFragment) {
      const whole = this.reassembly.add(record.subarray(1, length), kind === frame.lastFragment);
      if (whole === undefined) return;
      decoder.start(whole, whole.length);
    } else decoder.start(record, length);
    decodeFrame(decoder, sink);
  }

  /** Sends the frame in the encoder. `refusable`: may be turned away at the hard bound, with what it was made from. */
  private out(refusable: boolean, refused: unknown): void {
    const { encoder, queue, channel } = this;
    const { bytes, at } = encoder;
    if (at > limits.messageBytesMax) {
      encoder.rollback();
      throw wireError("MESSAGE_TOO_LARGE", { bytes: at, bytesMax: limits.messageBytesMax });
    }
    if (refusable && queue.bytes + at > limits.linkQueueBytesMax) {
      encoder.rollback();
      throw wireError("CARRIER_FULL", {
        queuedBytes: queue.bytes,
        bytesMax: limits.linkQueueBytesMax,
        refused,
      });
    }
    if (channel === undefined || at > channel.maxRecordBytes)
      return queue.add(bytes, at, channel?.maxRecordBytes);
    try {
      if (queue.empty && channel.write(bytes, at)) return;
    } catch (problem) {
      return this.fail(problem);
    }
    queue.add(bytes, at, channel.maxRecordBytes);
  }

  private fail(problem: unknown): void {
    if (!isMotesError(problem) || problem.code === "BUG") throw problem;
    this.broken = problem;
    this.close();
  }
}
