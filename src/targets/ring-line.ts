import { Packr, addExtension, Unpackr } from "msgpackr";
import {
  Address,
  type Carrier,
  type Home,
  type Kernel,
  type SignalSink,
  control,
  type ControlKind,
  type ExitReason,
  type Message,
  CastMessage,
} from "../../kernel/index.ts";
import { attachRingPair, type RingPair, type RingPairEnd } from "../../transports/index.ts";
import type { Doorbell } from "./doorbell.ts";
import type { Line } from "./line.ts";
export type RingMemory = SharedArrayBuffer;

// INTERIM: replaced by wire's Link
export class RingLine implements Line {
  readonly carrier: Carrier;
  private pair: RingPair | undefined;
  private bell: Doorbell | undefined;
  private queue: Uint8Array[] = [];
  private readonly sink: SignalSink & { saturated: boolean };
  private packr: Packr;
  private unpackr: Unpackr;
  dirty = false;
  static unconnected(kernel: Kernel, home: Home): RingLine {
    return new RingLine(kernel, home);
  }
  constructor(kernel: Kernel, home: Home) {
    this.sink = kernel.inbound(home);
    const enc = (v: unknown): unknown =>
      v instanceof Address
        ? { $ref: [v.host, v.vm, v.serial] }
        : v instanceof CastMessage
          ? { $cast: [v.op, v.args.map(enc)] }
          : Array.isArray(v)
            ? v.map(enc)
            : v && typeof v === "object" && Object.getPrototypeOf(v) === Object.prototype
              ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, enc(x)]))
              : v instanceof Object &&
                  !(v instanceof Map) &&
                  !(v instanceof Date) &&
                  !(v instanceof Error) &&
                  !(v instanceof Uint8Array)
                ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, enc(x)]))
                : v;
    const dec = (v: any): any =>
      v && typeof v === "object"
        ? v.$ref
          ? kernel.address(v.$ref[0], v.$ref[1], v.$ref[2])
          : v.$cast
            ? new CastMessage(v.$cast[0], dec(v.$cast[1]))
            : Array.isArray(v)
              ? v.map(dec)
              : v instanceof Map || v instanceof Date || v instanceof Error || v instanceof Uint8Array
                ? v
                : Object.fromEntries(Object.entries(v).map(([k, x]) => [k, dec(x)]))
        : v;
    this.packr = new Packr({ structuredClone: true });
    this.unpackr = new Unpackr({ structuredClone: true });
    const put = (frame: unknown[]): void => {
      this.queue.push(this.packr.pack(enc(frame)));
      kernel.platform.wake();
    };
    this.carrier = {
      congested: false,
      message: (to: number, m: Message) => put([0, to, m]),
      call: (to: number, from: number, id: number, op: string, args: readonly unknown[]) =>
        put([1, to, from, id, op, args]),
      reply: (id: number, ok: boolean, value: unknown) => put([2, id, ok, value]),
      control: (kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined) =>
        put([3, kind, to, from, id, reason]),
    };
    this.dispatch = (bytes) => {
      const f = dec(this.unpackr.unpack(bytes));
      if (f[0] === 0) this.sink.message(f[1], f[2]);
      else if (f[0] === 1) this.sink.call(f[1], f[2], f[3], f[4], f[5]);
      else if (f[0] === 2) this.sink.reply(f[1], f[2], f[3]);
      else this.sink.control(f[1], f[2], f[3], f[4], f[5]);
    };
  }
  private dispatch: (b: Uint8Array) => void;
  connect(memory: RingMemory, end: RingPairEnd, bell: Doorbell): void {
    this.pair = attachRingPair(memory, end);
    this.bell = bell;
  }
  poll(): number {
    let n = 0;
    const r = this.pair?.reader;
    if (!r) return 0;
    for (let len = r.peek(); len >= 0 && n < 1000 && !this.sink.saturated; len = r.peek()) {
      const b = new Uint8Array(len);
      r.copy(b);
      r.release();
      n++;
      this.dispatch(b);
    }
    if (n > 0 && r.publish()) this.bell?.ring();
    return n;
  }
  get waiting(): boolean {
    return this.pair?.reader.hasMore ?? false;
  }
  flush(): boolean {
    const w = this.pair?.writer;
    if (!w || this.queue.length === 0) return false;
    while (this.queue.length > 0 && w.write(this.queue[0]!)) this.queue.shift();
    return w.publish();
  }
  wakePeer(): void {
    this.bell?.ring();
  }
  prepareSleep(): boolean {
    if (!this.pair) return true;
    if (this.queue.length > 0 && !this.pair.writer.waitForSpace(this.queue[0]!.length)) return false;
    return this.pair.reader.prepareSleep();
  }
  awake(): void {
    this.pair?.reader.awake();
  }
  get flushed(): boolean {
    return this.queue.length === 0;
  }
  close(): void {
    this.pair?.writer.close();
    this.pair?.reader.close();
  }
}
void [addExtension, control];
