import { Address, limits, type Home } from "../../kernel/index.ts";
import { refusalOf } from "./refusal.ts";
import { ShapeTree, type ShapeNode } from "./shapes.ts";
import { shapeKeysMax, shortTextMax, tag } from "./tags.ts";
import { isLatin1, type TextCodec } from "./text.ts";
import { viewKindOf } from "./views.ts";

const firstBytes = 4096;
const keptBytesMax = 1024 * 1024;

/**
 * Values to bytes, for one direction of one carrier: it knows what its peer has been taught. Writes into a buffer of its own,
 * from `start` on; `bytes` and `at` are then the frame. What cannot be copied is refused with its path.
 */
export class Encoder {
  bytes: Uint8Array = new Uint8Array(firstBytes);
  at = 0;
  private view: DataView = new DataView(this.bytes.buffer);
  private readonly shapes = new ShapeTree();
  private readonly ops = new Map<string, number>();
  private opsAtStart = 0;
  private shapesAtStart = 0;
  private readonly own: Home;
  private readonly peer: Home;
  private readonly text: TextCodec;

  constructor(own: Home, peer: Home, text: TextCodec) {
    this.own = own;
    this.peer = peer;
    this.text = text;
  }

  start(kind: number): void {
    this.at = 0;
    this.opsAtStart = this.ops.size;
    this.shapesAtStart = this.shapes.count;
    if (this.bytes.length > keptBytesMax) this.resize(firstBytes);
    this.bytes[this.at++] = kind;
  }

  /** The frame at hand will not be sent: what it would have taught is not known to the peer. */
  rollback(): void {
    this.shapes.rollback(this.shapesAtStart);
    if (this.ops.size === this.opsAtStart) return;
    for (const [op, id] of this.ops) if (id >= this.opsAtStart) this.ops.delete(op);
  }

  /** Any value. `path` is how errors name it. Throws `MESSAGE_NOT_COPYABLE`, `MESSAGE_TOO_DEEP`; the frame is rolled back then. */
  whole(value: unknown, path: string): void {
    if (this.put(value, 0)) return;
    this.rollback();
    throw refusalOf(value, path);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, 7 bits a byte. */
  count(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let rest = value;
    while (rest >= 0x80) {
      bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[this.at++] = rest;
  }

  /** A name that comes again and again, such as an operation's: taught once, then a number. */
  name(op: string): void {
    const id = this.ops.get(op);
    if (id !== undefined) return this.count(id + 1);
    if (this.ops.size < limits.shapesPerCarrier) this.ops.set(op, this.ops.size);
    this.count(0);
    this.string(op);
  }

  /** False: it cannot be copied, or nests too deep. */
  private put(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case "number":
        this.number(value);
        return true;
      case "string":
        this.string(value);
        return true;
      case "boolean":
        this.byte(value ? tag.true : tag.false);
        return true;
      case "undefined":
        this.byte(tag.undefined);
        return true;
      case "object":
        if (value === null) {
          this.byte(tag.null);
          return true;
        }
        return this.object(value, depth);
      case "bigint":
        this.byte(tag.bigint);
        this.string(value.toString(16));
        return true;
      default:
        return false;
    }
  }

  private number(value: number): void {
    this.reserve(9);
    const { bytes } = this;
    // -0 is not the integer 0.
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      if (value >= 0 && value < 0x80) {
        bytes[this.at++] = value;
        return;
      }
      const { at } = this;
      bytes[at] = tag.int32;
      bytes[at + 1] = value;
      bytes[at + 2] = value >> 8;
      bytes[at + 3] = value >> 16;
      bytes[at + 4] = value >> 24;
      this.at = at + 5;
      return;
    }
    bytes[this.at] = tag.float64;
    this.view.setFloat64(this.at + 1, value, true);
    this.at += 9;
  }

  private string(text: string): void {
    const { length } = text;
    this.reserve(2 * length + 10);
    if (length <= shortTextMax && this.shortString(text, length)) return;
    if (isLatin1(text)) {
      this.bytes[this.at++] = tag.latin1;
      this.count(length);
      this.text.write(this.bytes, this.at, text);
      this.at += length;
      return;
    }
    this.bytes[this.at++] = tag.utf16;
    this.count(length);
    const { view } = this;
    for (let i = 0; i < length; i++) view.setUint16(this.at + 2 * i, text.charCodeAt(i), true);
    this.at += 2 * length;
  }

  private shortString(text: string, length: number): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < length; i++) {
      const character = text.charCodeAt(i);
      if (character > 255) return false;
      bytes[at + 1 + i] = character;
    }
    bytes[at] = tag.shortText + length;
    this.at = at + 1 + length;
    return true;
  }

  private object(value: object, depth: number): boolean {
    if (depth >= limits.messageDepthMax) return false;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.plain(value as Plain, depth);
    if (value instanceof Address) {
      this.address(value);
      return true;
    }
    if (Array.isArray(value)) return this.array(value, depth);
    return this.rich(value, depth);
  }

  private address({ home, serial }: Address): void {
    if (home === this.own) this.byte(tag.refToSender);
    else if (home === this.peer) this.byte(tag.refToReceiver);
    else {
      this.byte(tag.refElsewhere);
      this.string(home.host);
      this.count(home.vm);
    }
    this.count(serial);
  }

  private array(value: readonly unknown[], depth: number): boolean {
    const { length } = value;
    this.byte(tag.array);
    this.count(length);
    for (let i = 0; i < length; i++) if (!this.put(value[i], depth + 1)) return false;
    return true;
  }

  /** The keys first, to find out whether the peer knows this list of them; then the values. */
  private plain(value: Plain, depth: number): boolean {
    const { shapes } = this;
    let node: ShapeNode | null = shapes.root;
    let keys = 0;
    for (const key in value) {
      if (++keys > shapeKeysMax) node = null;
      else node = node.step(key, false, shapes);
      if (node === null) break;
      if (key !== "type") continue;
      const type = value["type"];
      if (typeof type === "string" && type.length <= shortTextMax) node = node.step(type, true, shapes);
      if (node === null) break;
    }
    if (node === null) return this.dictionary(value, depth);
    if (node.id >= 0) {
      this.reserve(3);
      this.bytes[this.at++] = tag.shaped;
      this.bytes[this.at++] = node.id;
      this.bytes[this.at++] = node.id >> 8;
    } else if (shapes.teach(node)) this.lesson(node);
    else return this.dictionary(value, depth);
    return this.values(value, depth);
  }

  private values(value: Plain, depth: number): boolean {
    for (const key in value) {
      const part = value[key];
      if (key === "type" && typeof part === "string" && part.length <= shortTextMax) continue;
      if (!this.put(part, depth + 1)) return false;
    }
    return true;
  }

  /** Teaches a shape: its keys in order, and the value of `type` that belongs to it. */
  private lesson(node: ShapeNode): void {
    const steps: ShapeNode[] = [];
    for (let step: ShapeNode | null = node; step?.parent != null; step = step.parent) steps.unshift(step);
    const keys = steps.filter(({ isValue }) => !isValue);
    const type = steps.find(({ isValue }) => isValue);
    this.byte(tag.newShape);
    this.count(keys.length);
    for (const { name } of keys) this.string(name);
    if (type === undefined) this.byte(tag.undefined);
    else this.string(type.name);
  }

  private dictionary(value: Plain, depth: number): boolean {
    const keys = Object.keys(value);
    this.byte(tag.object);
    this.count(keys.length);
    for (const key of keys) {
      if (key === "__proto__") return false;
      this.string(key);
      if (!this.put(value[key], depth + 1)) return false;
    }
    return true;
  }

  private rich(value: object, depth: number): boolean {
    if (value instanceof Date) {
      this.byte(tag.date);
      this.number(value.getTime());
      return true;
    }
    if (value instanceof Error) return this.error(value, depth);
    if (value instanceof RegExp) {
      this.byte(tag.regexp);
      this.string(value.source);
      this.string(value.flags);
      return true;
    }
    if (value instanceof Map) {
      this.byte(tag.map);
      this.count(value.size);
      for (const [key, part] of value)
        if (!this.put(key, depth + 1) || !this.put(part, depth + 1)) return false;
      return true;
    }
    if (value instanceof Set) {
      this.byte(tag.set);
      this.count(value.size);
      for (const part of value) if (!this.put(part, depth + 1)) return false;
      return true;
    }
    if (value instanceof ArrayBuffer) {
      this.byte(tag.arrayBuffer);
      this.raw(new Uint8Array(value));
      return true;
    }
    return this.bufferView(value);
  }

  private bufferView(value: object): boolean {
    const kind = viewKindOf(value);
    if (kind === undefined || !ArrayBuffer.isView(value)) return false;
    this.byte(tag.view);
    this.byte(kind);
    this.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return true;
  }

  private raw(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** What an error is told by in another VM: its name, text, code, details and stack; never its class. */
  private error(error: Error, depth: number): boolean {
    const { name, message, stack, cause } = error;
    const { code, details } = error as { readonly code?: unknown; readonly details?: unknown };
    this.byte(tag.error);
    this.string(name);
    this.string(message);
    this.put(stack, depth);
    this.put(typeof code === "string" || typeof code === "number" ? code : undefined, depth);
    // What cannot travel of these two is left behind: the error itself matters more.
    return this.orNothing(details, depth) && this.orNothing(cause, depth);
  }

  private orNothing(value: unknown, depth: number): boolean {
    const { at } = this;
    const taught = this.shapes.count;
    if (this.put(value, depth + 1)) return true;
    this.at = at;
    this.shapes.rollback(taught);
    this.byte(tag.undefined);
    return true;
  }

  /** Room for so many bytes more. */
  private reserve(bytes: number): void {
    if (this.at + bytes > this.bytes.length) this.resize(Math.max(this.bytes.length * 2, this.at + bytes));
  }

  private resize(length: number): void {
    const before = this.bytes;
    this.bytes = new Uint8Array(length);
    this.bytes.set(before.subarray(0, this.at));
    this.view = new DataView(this.bytes.buffer);
  }
}

type Plain = Readonly<Record<string, unknown>>;
