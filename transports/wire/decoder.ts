import { limits, MotesError, type Address, type Home } from "../../kernel/index.ts";
import { ByteReader } from "./byte-reader.ts";
import { Shape, type ValueSource } from "./shapes.ts";
import { learntTextMax, objectsMax, receiversHost, regexpCharactersMax, shapeKeysMax, tag } from "./tags.ts";
import type { TextCodec } from "./text.ts";
import { viewOf } from "./views.ts";

/** Finds or makes the address object for a name: `Kernel.address`. */
export type AddressOf = (host: string, vm: number, serial: number) => Address;

/**
 * Bytes to values, for one direction of one carrier. The bytes are this side's own copy. Nothing in them is believed: every
 * length is held against what is left, nesting and the number of objects are bounded, and whatever is not as the encoder
 * writes it throws `FRAME_CORRUPT`.
 */
export class Decoder extends ByteReader implements ValueSource {
  private depth = 0;
  /** Objects of this frame. */
  private objects = 0;
  private readonly shapes: Shape[] = [];
  private readonly ops: string[] = [];
  private readonly own: Home;
  private readonly peer: Home;
  private readonly addressOf: AddressOf;

  constructor(own: Home, peer: Home, addressOf: AddressOf, text: TextCodec) {
    super(text);
    this.own = own;
    this.peer = peer;
    this.addressOf = addressOf;
  }

  start(bytes: Uint8Array, length: number): void {
    this.open(bytes, length);
    this.depth = 0;
    this.objects = 0;
  }

  /** After the last value of a frame. */
  finish(): void {
    if (this.at !== this.end) throw this.corrupt("bytes left over");
  }

  name(): string {
    const id = this.count();
    if (id > 0) {
      const known = this.ops[id - 1];
      if (known === undefined) throw this.corrupt("a name that was not taught");
      return known;
    }
    const op = this.string();
    if (this.ops.length < limits.shapesPerCarrier && op.length <= learntTextMax) this.ops.push(op);
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
      case tag.bigint:
        return this.bigint();
      case tag.refToSender:
        this.enter();
        this.depth--;
        return this.addressOf(this.peer.host, this.peer.vm, this.count());
      case tag.refToReceiver:
        this.enter();
        this.depth--;
        return this.addressOf(this.own.host, this.own.vm, this.count());
      default:
        return this.deeper(first);
    }
  }

  /** As it is called here: what the peer has no name for is its own host, and ours has none here. */
  private host(named: string): string {
    if (named === "") return this.peer.host;
    return named === receiversHost ? this.own.host : named;
  }

  /** Every object counts, and how deep it is; its end takes one from the depth. */
  private enter(): void {
    if (++this.depth > limits.messageDepthMax) throw this.corrupt("too deep a nesting");
    if (++this.objects > objectsMax) throw this.corrupt("too many objects");
  }

  private deeper(kind: number): unknown {
    this.enter();
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
        return this.addressOf(this.host(this.string()), this.count(), this.count());
      case tag.map:
        return this.map();
      case tag.set:
        return this.set();
      case tag.date:
        return new Date(this.numeric());
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
    this.need(2);
    const id = (this.bytes[this.at] as number) | ((this.bytes[this.at + 1] as number) << 8);
    this.at += 2;
    const shape = this.shapes[id];
    if (shape === undefined) throw this.corrupt(`a shape ${id} that was not taught`);
    this.enter();
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
    const type = this.byte() === tag.undefined ? undefined : this.typeOf(keys);
    if (new Set(keys).size !== count || keys.some(tooLong)) throw this.corrupt("a key twice, or too long");
    const shape = new Shape(keys, type);
    this.shapes.push(shape);
    return shape;
  }

  /** The string that the key `type` has in every object of a shape. */
  private typeOf(keys: readonly string[]): string {
    this.at--;
    const type = this.string();
    if (!keys.includes("type") || tooLong(type)) throw this.corrupt("a shape's type");
    return type;
  }

  private key(): string {
    const key = this.string();
    if (key === "__proto__") throw this.corrupt("the key __proto__");
    return key;
  }

  private array(): unknown[] {
    const length = this.count();
    // Each value takes a byte at the least: a length that lies allocates nothing.
    this.need(length);
    const values: unknown[] = [];
    for (let i = 0; i < length; i++) {
      if (this.bytes[this.at] === tag.hole && this.at < this.end) {
        this.at++;
        values.length = i + 1;
      } else values.push(this.value());
    }
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

  private set(): Set<unknown> {
    const size = this.count();
    this.need(size);
    const set = new Set<unknown>();
    for (let i = 0; i < size; i++) set.add(this.value());
    return set;
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
    // Linear in its length, hexadecimal as it is.
    const value = BigInt(`0x${match[2]}`);
    return match[1] === "-" ? -value : value;
  }

  private regexp(): RegExp {
    const source = this.string();
    const flags = this.string();
    if (source.length > regexpCharactersMax) throw this.corrupt("a regular expression too long");
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
    const ours = name === "MotesError" && typeof code === "string";
    const error = ours
      ? new MotesError(code, message, details, cause)
      : new Error(message, cause === undefined ? undefined : { cause });
    if (error.name !== name) hidden(error, "name", name);
    hidden(error, "stack", typeof stack === "string" ? stack : undefined);
    if (ours) return error;
    if (code !== undefined) Object.assign(error, { code });
    if (details !== undefined) Object.assign(error, { details });
    return error;
  }

  private bufferView(): ArrayBufferView {
    const kind = this.byte();
    const view = viewOf(kind, this.raw());
    if (view === undefined) throw this.corrupt("a view of bytes");
    return view;
  }
}

const tooLong = (text: string): boolean => text.length > learntTextMax;

/** As an error's own properties are: not enumerable. */
function hidden(error: Error, key: "name" | "stack", value: string | undefined): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}
