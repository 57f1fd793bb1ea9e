/** Two VMs and a codec between them, for tests: VM 1 sends, VM 2 receives. Values are compared by what `told` says of them. */
import { Address, Kernel, type SignalSink } from "../../../kernel/index.ts";
import { Decoder, Encoder, portableText, type TextCodec } from "../../../transports/wire/index.ts";
import { decodeFrame, encodeReply } from "../../../transports/wire/frame.ts";
import { TestPlatform } from "../../support/test-platform.ts";

export class TwoVms {
  readonly one: Kernel;
  readonly two: Kernel;
  readonly encoder: Encoder;
  readonly decoder: Decoder;

  /** `same`: a fresh codec between the VMs of another pair. */
  constructor(text: TextCodec = portableText, same?: TwoVms) {
    const one = same?.one ?? new Kernel(new TestPlatform(), { vm: 1 });
    const two = same?.two ?? new Kernel(new TestPlatform(), { vm: 2 });
    this.one = one;
    this.two = two;
    this.encoder = new Encoder(one.home, one.peers.home("", 2), text);
    this.decoder = new Decoder(two.home, two.peers.home("", 1), (...name) => two.address(...name), text);
  }

  /** An address as VM 1 knows it. */
  ref(vm: number, serial: number, host = ""): Address {
    return new Address(this.one.peers.home(host, vm), serial, null);
  }

  /** One value over and back into a value, in a frame that takes any: a reply's. */
  send(value: unknown): unknown {
    encodeReply(this.encoder, 1, true, value);
    return this.receive();
  }

  /** The frame in the encoder. */
  receive(): unknown {
    const sink = new Heard();
    const { bytes, at } = this.encoder;
    // Copied, so that bytes behind the end differ from those of the encoder.
    this.decoder.start(bytes.slice(0, at), at);
    decodeFrame(this.decoder, sink);
    return sink.last;
  }
}

/** Keeps what came last. */
export class Heard implements SignalSink {
  last: unknown = undefined;
  count = 0;

  message(_to: number, message: unknown): void {
    this.hear(message);
  }
  call(_to: number, _from: number, _id: number, _op: string, args: readonly unknown[]): void {
    this.hear(args);
  }
  reply(_id: number, _ok: boolean, value: unknown): void {
    this.hear(value);
  }
  control(_kind: number, _to: number, _from: number, _id: number, reason: unknown): void {
    this.hear(reason);
  }
  private hear(what: unknown): void {
    this.last = what;
    this.count++;
  }
}

/** A value in words, with the order of keys, holes, signs of zero: what must be equal on both sides. Subclasses and null prototypes are not. */
export function told(value: unknown): string {
  switch (typeof value) {
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "bigint":
      return `${value}n`;
    case "string":
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : toldObject(value);
    default:
      return String(value);
  }
}

function toldObject(value: object): string {
  if (value instanceof Address) return `<${value.host}/${value.vm}.${value.serial}>`;
  if (Array.isArray(value))
    return `[${Array.from({ length: value.length }, (_, i) => (i in value ? told(value[i]) : "hole")).join()}]`;
  if (value instanceof Map)
    return `Map{${[...value].map(([key, part]) => `${told(key)}=>${told(part)}`).join()}}`;
  if (value instanceof Set) return `Set{${[...value].map(told).join()}}`;
  if (value instanceof Date) return `Date ${value.getTime()}`;
  if (value instanceof RegExp) return `RegExp ${String(value)}`;
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    const { code, details } = value as { readonly code?: unknown; readonly details?: unknown };
    return `Error${told([name, message, stack, code, details, cause])}`;
  }
  if (value instanceof ArrayBuffer) return `ArrayBuffer${told([...new Uint8Array(value)])}`;
  if (value instanceof Uint8Array) return `Uint8Array${told([...value])}`;
  if (ArrayBuffer.isView(value)) {
    // Sound: all other views that are sent are typed arrays.
    const members = [...(value as unknown as Iterable<number | bigint>)];
    return `${value.constructor.name}${told(members)}`;
  }
  const parts: string[] = [];
  for (const key in value)
    parts.push(`${told(key)}:${told((value as { readonly [key: string]: unknown })[key])}`);
  const plain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  return `${plain ? "" : value.constructor.name}{${parts.join()}}`;
}
