import { limits, type Address, type Home } from "../../kernel/index.ts";
import { MotesError } from "../../kernel/index.ts";
import { wireError } from "./errors.ts";
import { Shape, type ValueSource } from "./shapes.ts";
import { shapeKeysMax, shortTextMax, tag } from "./tags.ts";
import type { TextCodec } from "./text.ts";
import { viewOf } from "./views.ts";

/** Finds or makes the address object for a name: `Kernel.address`. */
export type AddressOf = (host: string, vm: number, serial: number) => Address;

/**
 * Bytes to values, for one direction of one carrier. The bytes are this side's own copy. Nothing in them is believed: every
 * length is held against what is left, nesting is bounded, and whatever is not as the encoder writes it throws `FRAME_CORRUPT`.
 */
export class Decoder implements ValueSource {
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.bytes.buffer);
  private at = 0;
  private end = 0;
  private depth = 0;
  private readonly shapes: Shape[] = [];
  private readonly ops: string[] = [];
  private readonly own: Home;
  private readonly peer: Home;
  private readonly addressOf: AddressOf;
  private readonly text: TextCodec;

  constructor(own: Home, peer: Home, addressOf: AddressOf, text: TextCodec) {
    this.own = own;
    this.peer = peer;
    this.addressOf = addressOf;
    this.text = text;
  }

  start(bytes: Uint8Array, length: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.at = 0;
    this.end = length;
    this.depth = 0;
  }

  /** After the last value of a frame. */
  finish(): void {
    if (this.at !== this.end) throw this.corrupt("bytes left over");
  }

  byte(): number {
    if (this.at >= this.end) throw this.corrupt("an early end");
    return this.bytes[this.at++] as number;
  }

  count(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
      if (factor > 2 ** 49) throw this.corrupt("a number without an end");
    }
    if (!Number.isSafeInteger(value)) throw this.corrupt("a number too large");
    return value;
  }

  name(): string {
    const id = this.count();
    if (id > 0) {
      const known = this.ops[id - 1];
      if (known === undefined) throw this.corrupt("a name that was not taught");
      return known;
    }
    const op = this.string();
    if (this.ops.length < limits.shapesPerCarrier) this.ops.push(op);
    return op;
  }

  value(): unknown {
    const first = this.byte();
    if (first < tag.shortText) return first;
    if (first < tag.null) return this.shortString(first - tag.shortText);
    switch (first) {
      case tag.shaped:
        return this.shaped();
      case tag.int32:
        return this.int32();
      case tag.float64:
        return this.float64();
      case tag.null:
        return null;
      case tag.undefined:
        return undefined;
      case tag.true:
        return true;
      case tag.false:
        return false;
      case tag.latin1:
        return this.latin1();
      case tag.utf16:
        return this.utf16();
      case tag.refToSender:
        return this.addressOf(this.peer.host, this.peer.vm, this.count());
      case tag.refToReceiver:
        return this.addressOf(this.own.host, this.own.vm, this.count());
      default:
        return this.deeper(first);
    }
  }

  private deeper(kind: number): unknown {
    if (++this.depth > limits.messageDepthMax) throw this.corrupt("too deep a nesting");
    const value = this.nested(kind);
    this.depth--;
    return value;
  }

  private nested(kind: number): unknown {
    switch (kind) {
      case tag.array:
        return this.array();
      case tag.newShape:
        return this.learn().make(this);
      case tag.object:
        return this.dictionary();
      case tag.refElsewhere:
        return this.addressOf(this.string(), this.count(), this.count());
      case tag.map:
        return this.map();
      case tag.set:
        return new Set(this.array());
      case tag.date:
        return new Date(this.numeric());
      case tag.bigint:
        return this.bigint();
      case tag.regexp:
        return this.regexp();
      case tag.error:
        return this.error();
      case tag.view:
        return this.bufferView();
      case tag.arrayBuffer:
        return this.raw().buffer;
      default:
        throw this.corrupt(`an unknown tag ${kind}`);
    }
  }

  private shaped(): object {
    if (this.end - this.at < 2) throw this.corrupt("an early end");
    const id = (this.bytes[this.at] as number) | ((this.bytes[this.at + 1] as number) << 8);
    this.at += 2;
    const shape = this.shapes[id];
    if (shape === undefined) throw this.corrupt(`a shape ${id} that was not taught`);
    if (++this.depth > limits.messageDepthMax) throw this.corrupt("too deep a nesting");
    const object = shape.make(this);
    this.depth--;
    return object;
  }

  private learn(): Shape {
    const count = this.count();
    if (count > shapeKeysMax || this.shapes.length >= limits.shapesPerCarrier)
      throw this.corrupt("too large a shape, or too many");
    const keys: string[] = [];
    for (let i = 0; i < count; i++) keys.push(this.key());
    if (new Set(keys).size !== count) throw this.corrupt("a key twice");
    const type = this.value();
    if (type !== undefined && (typeof type !== "string" || !keys.includes("type")))
      throw this.corrupt("a shape's type");
    const shape = new Shape(keys, type);
    this.shapes.push(shape);
    return shape;
  }

  private key(): string {
    const key = this.string();
    if (key === "__proto__") throw this.corrupt("the key __proto__");
    return key;
  }

  private int32(): number {
    this.need(4);
    const value = this.view.getInt32(this.at, true);
    this.at += 4;
    return value;
  }

  private float64(): number {
    this.need(8);
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  private string(): string {
    const first = this.byte();
    if (first >= tag.shortText && first <= tag.shortText + shortTextMax)
      return this.shortString(first - tag.shortText);
    if (first === tag.latin1) return this.latin1();
    if (first === tag.utf16) return this.utf16();
    throw this.corrupt("something else where a string belongs");
  }

  private shortString(length: number): string {
    this.need(length);
    const { bytes, at } = this;
    this.at = at + length;
    if (length > 16) return this.text.read(bytes, at, at + length);
    let text = "";
    for (let i = at; i < this.at; i++) text += String.fromCharCode(bytes[i] as number);
    return text;
  }

  private latin1(): string {
    const length = this.count();
    this.need(length);
    const { at } = this;
    this.at = at + length;
    return this.text.read(this.bytes, at, this.at);
  }

  private utf16(): string {
    const length = this.count();
    this.need(length * 2);
    let text = "";
    for (let i = 0; i < length; i++, this.at += 2)
      text += String.fromCharCode(this.view.getUint16(this.at, true));
    return text;
  }

  private array(): unknown[] {
    const length = this.count();
    // Each value takes a byte at the least: a length that lies allocates nothing.
    this.need(length);
    const values: unknown[] = [];
    for (let i = 0; i < length; i++) values.push(this.value());
    return values;
  }

  private dictionary(): object {
    const length = this.count();
    this.need(length);
    const object: Record<string, unknown> = {};
    for (let i = 0; i < length; i++) object[this.key()] = this.value();
    return object;
  }

  private map(): Map<unknown, unknown> {
    const size = this.count();
    this.need(size);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < size; i++) map.set(this.value(), this.value());
    return map;
  }

  private numeric(): number {
    const value = this.value();
    if (typeof value !== "number") throw this.corrupt("something else where a number belongs");
    return value;
  }

  private bigint(): bigint {
    const text = this.string();
    const match = /^(-?)([0-9a-f]+)$/.exec(text);
    if (match === null) throw this.corrupt("a bigint");
    const value = BigInt(`0x${match[2]}`);
    return match[1] === "-" ? -value : value;
  }

  private regexp(): RegExp {
    const source = this.string();
    const flags = this.string();
    try {
      return new RegExp(source, flags);
    } catch {
      throw this.corrupt("a regular expression");
    }
  }

  private error(): Error {
    const name = this.string();
    const message = this.string();
    const stack = this.value();
    const code = this.value();
    const details = this.value();
    const cause = this.value();
    const error =
      name === "MotesError" && typeof code === "string"
        ? new MotesError(code, message, details, cause)
        : new Error(message, cause === undefined ? undefined : { cause });
    if (error.name !== name)
      Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
    if (code !== undefined && !(error instanceof MotesError)) Object.assign(error, { code });
    if (details !== undefined && !(error instanceof MotesError)) Object.assign(error, { details });
    if (typeof stack === "string")
      Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
    return error;
  }

  private bufferView(): ArrayBufferView {
    const kind = this.byte();
    const view = viewOf(kind, this.raw());
    if (view === undefined) throw this.corrupt("a view of bytes");
    return view;
  }

  private raw(): Uint8Array<ArrayBuffer> {
    const length = this.count();
    this.need(length);
    const bytes = new Uint8Array(length);
    bytes.set(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return bytes;
  }

  private need(bytes: number): void {
    if (bytes > this.end - this.at) throw this.corrupt("a length past the end");
  }

  corrupt(what: string): MotesError {
    return wireError("FRAME_CORRUPT", { what, at: this.at });
  }
}
