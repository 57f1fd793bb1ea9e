import { Address, DownMessage, ExitMessage, limits, type Home } from "../../kernel/index.ts";
import { ByteWriter } from "./byte-writer.ts";
import { wireError } from "./errors.ts";
import { refusalOf } from "./refusal.ts";
import { ShapeTree, type ShapeNode } from "./shapes.ts";
import { learntTextMax, objectsMax, receiversHost, regexpCharactersMax, shapeKeysMax, tag } from "./tags.ts";
import type { TextCodec } from "./text.ts";
import { viewKindOf } from "./views.ts";

/**
 * Values to bytes, for one direction of one carrier: it knows what its peer has been taught. From `start` on, `bytes` up to `at`
 * are the frame. What cannot be copied is refused with its path. As with `structuredClone`, what is not enumerable, symbols as
 * keys, an array's properties and a subclass of a known class are left behind; unlike it, an object that is there twice
 * arrives as two.
 */
export class Encoder extends ByteWriter {
  private readonly shapes = new ShapeTree();
  private readonly ops = new Map<string, number>();
  private opsAtStart = 0;
  private shapesAtStart = 0;
  /** Objects of this frame. */
  private objects = 0;
  /** A value is being copied: code of the program may run, in getters. */
  private copying = false;
  private readonly own: Home;
  private readonly peer: Home;

  constructor(own: Home, peer: Home, text: TextCodec) {
    super(text);
    this.own = own;
    this.peer = peer;
  }

  start(kind: number): void {
    if (this.copying) throw wireError("MESSAGE_CHANGING", {});
    this.restart();
    this.objects = 0;
    this.opsAtStart = this.ops.size;
    this.shapesAtStart = this.shapes.count;
    this.bytes[this.at++] = kind;
  }

  /** The frame at hand will not be sent: what it would have taught is not known to the peer. */
  rollback(): void {
    this.shapes.rollback(this.shapesAtStart);
    if (this.ops.size === this.opsAtStart) return;
    for (const [op, id] of this.ops) if (id >= this.opsAtStart) this.ops.delete(op);
  }

  /**
   * Any value, and the last of its frame. `path` is how errors name it. When it throws, the frame is rolled back:
   * `MESSAGE_NOT_COPYABLE`, `MESSAGE_TOO_DEEP`, `MESSAGE_TOO_LARGE`, `MESSAGE_CHANGING`, and whatever a getter throws.
   */
  whole(value: unknown, path: string): void {
    let done = false;
    this.copying = true;
    try {
      if (!this.put(value, 0)) throw refusalOf(value, path);
      const max = limits.messageBytesMax;
      if (this.at > max) throw wireError("MESSAGE_TOO_LARGE", { got: this.at, max, unit: "bytes" });
      done = true;
    } finally {
      this.copying = false;
      if (!done) this.rollback();
    }
  }

  /** A name that comes again and again, such as an operation's: taught once, then a number. */
  name(op: string): void {
    const id = this.ops.get(op);
    if (id !== undefined) return this.count(id + 1);
    this.count(0);
    this.string(op);
    if (this.ops.size < limits.shapesPerCarrier && op.length <= learntTextMax)
      this.ops.set(op, this.ops.size);
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

  private object(value: object, depth: number): boolean {
    if (depth >= limits.messageDepthMax) return false;
    if (++this.objects > objectsMax)
      throw wireError("MESSAGE_TOO_LARGE", { got: this.objects, max: objectsMax, unit: "objects" });
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
      // Each host has names for the others and none for itself.
      this.string(home.host !== "" && home.host === this.peer.host ? receiversHost : home.host);
      this.count(home.vm);
    }
    this.count(serial);
  }

  private array(value: readonly unknown[], depth: number): boolean {
    const { length } = value;
    this.byte(tag.array);
    this.count(length);
    this.atLeast(length);
    for (let i = 0; i < length; i++) {
      const part = value[i];
      if (part === undefined && !(i in value)) this.byte(tag.hole);
      else if (!this.put(part, depth + 1)) return false;
    }
    return true;
  }

  /** The keys first, to find out whether the peer knows this list of them; then the values. */
  private plain(value: Plain, depth: number): boolean {
    const { shapes } = this;
    let node: ShapeNode | null = shapes.root;
    let keys = 0;
    let typed = false;
    for (const key in value) {
      if (++keys > shapeKeysMax) return this.dictionary(value, depth);
      node = node.key(key, shapes);
      if (node !== null && key === "type") {
        const type = value["type"];
        typed = typeof type === "string" && type.length <= learntTextMax;
        node = typed ? node.type(type as string, shapes) : node.untyped(shapes);
      }
      if (node === null) return this.dictionary(value, depth);
    }
    if (node.id >= 0) {
      this.reserve(3);
      this.bytes[this.at++] = tag.shaped;
      this.bytes[this.at++] = node.id;
      this.bytes[this.at++] = node.id >> 8;
    } else if (shapes.teach(node)) this.lesson(node);
    else return this.dictionary(value, depth);
    return this.values(value, depth, typed, keys);
  }

  /** As many as the shape has: a getter may have changed the object since its keys were looked at. */
  private values(value: Plain, depth: number, typed: boolean, keys: number): boolean {
    let left = typed ? keys - 1 : keys;
    for (const key in value) {
      if (typed && key === "type") continue;
      left--;
      if (!this.put(value[key], depth + 1)) return false;
    }
    if (left !== 0) throw wireError("MESSAGE_CHANGING", {});
    return true;
  }

  /** Teaches a shape: its keys in order, and the value of `type` that belongs to it. */
  private lesson(node: ShapeNode): void {
    const { keys, type } = node.path();
    this.byte(tag.newShape);
    this.count(keys.length);
    for (const key of keys) this.string(key);
    if (type === undefined) this.byte(tag.undefined);
    else this.string(type);
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
    // Passed on to an actor elsewhere, they are plain messages of that shape: the kernel there believes only its own.
    if (value instanceof DownMessage || value instanceof ExitMessage)
      return this.plain(value as object as Plain, depth);
    if (value instanceof Map) {
      this.byte(tag.map);
      return this.members(value.size, value.entries(), depth);
    }
    if (value instanceof Set) {
      this.byte(tag.set);
      return this.members(value.size, value.values(), depth);
    }
    if (value instanceof Error) return this.error(value, depth);
    if (value instanceof Date) {
      this.byte(tag.date);
      this.number(value.getTime());
      return true;
    }
    if (value instanceof RegExp) {
      if (value.source.length > regexpCharactersMax) return false;
      this.byte(tag.regexp);
      this.string(value.source);
      this.string(value.flags);
      return true;
    }
    if (value instanceof ArrayBuffer) {
      this.byte(tag.arrayBuffer);
      this.raw(new Uint8Array(value));
      return true;
    }
    return this.bufferView(value);
  }

  /** Of a Set, or of a Map: then each is a pair. */
  private members(size: number, members: Iterable<unknown>, depth: number): boolean {
    const pairs = this.bytes[this.at - 1] === tag.map;
    this.count(size);
    let left = size;
    for (const member of members) {
      if (--left < 0) break;
      const [key, part] = pairs ? (member as readonly [unknown, unknown]) : [member];
      if (!this.put(key, depth + 1) || (pairs && !this.put(part, depth + 1))) return false;
    }
    if (left !== 0) throw wireError("MESSAGE_CHANGING", {});
    return true;
  }

  private bufferView(value: object): boolean {
    const kind = viewKindOf(value);
    if (kind === undefined || !ArrayBuffer.isView(value)) return false;
    this.byte(tag.view);
    this.byte(kind);
    this.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return true;
  }

  /** What an error is told by in another VM: its name, text, code, details and stack; never its class. */
  private error(error: Error, depth: number): boolean {
    const { stack } = error;
    const { code } = error as { readonly code?: unknown };
    this.byte(tag.error);
    this.string(String(error.name));
    this.string(String(error.message));
    this.put(typeof stack === "string" ? stack : undefined, depth);
    this.put(typeof code === "string" || typeof code === "number" ? code : undefined, depth);
    // Sound: any object may be asked for any key.
    const more = error as { readonly details?: unknown; readonly cause?: unknown };
    this.orNothing(() => more.details, depth);
    this.orNothing(() => more.cause, depth);
    return true;
  }

  /** What cannot travel of these two is left behind: the error itself matters more. */
  private orNothing(part: () => unknown, depth: number): void {
    const { at, objects } = this;
    const taught = this.shapes.count;
    try {
      if (this.put(part(), depth + 1)) return;
    } catch {
      // Too large, or a getter of it threw.
    }
    this.at = at;
    this.objects = objects;
    this.shapes.rollback(taught);
    this.byte(tag.undefined);
  }
}

type Plain = Readonly<Record<string, unknown>>;
