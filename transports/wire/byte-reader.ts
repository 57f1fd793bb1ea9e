import type { MotesError } from "../../kernel/index.ts";
import { wireError } from "./errors.ts";
import { shortTextMax, tag } from "./tags.ts";
import type { TextCodec } from "./text.ts";

/** Up to here a loop beats a call of the text codec. */
const loopCharactersMax = 12;

/**
 * The bytes of one frame at a time, as whole numbers, numbers, strings and raw bytes: the other side of `ByteWriter`. Every length
 * is held against what is left before anything is made of it.
 */
export class ByteReader {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected at = 0;
  protected end = 0;
  private view: DataView = new DataView(this.bytes.buffer);
  private readonly text: TextCodec;

  constructor(text: TextCodec) {
    this.text = text;
  }

  /** The frame's first byte; -1 if it has none. */
  get kind(): number {
    return this.end === 0 ? -1 : (this.bytes[0] as number);
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

  corrupt(what: string): MotesError {
    return wireError("FRAME_CORRUPT", { what, at: this.at });
  }

  protected open(bytes: Uint8Array, length: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.at = 0;
    this.end = length;
  }

  protected need(bytes: number): void {
    if (bytes > this.end - this.at) throw this.corrupt("a length past the end");
  }

  protected int32(): number {
    this.need(4);
    const value = this.view.getInt32(this.at, true);
    this.at += 4;
    return value;
  }

  protected float64(): number {
    this.need(8);
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  protected string(): string {
    const first = this.byte();
    if (first >= tag.shortText && first <= tag.shortText + shortTextMax)
      return this.shortString(first - tag.shortText);
    if (first === tag.latin1) return this.latin1();
    if (first === tag.utf16) return this.utf16();
    throw this.corrupt("something else where a string belongs");
  }

  protected shortString(length: number): string {
    this.need(length);
    const { bytes, at } = this;
    this.at = at + length;
    if (length > loopCharactersMax) return this.text.readLatin1(bytes, at, at + length);
    let text = "";
    for (let i = at; i < this.at; i++) text += String.fromCharCode(bytes[i] as number);
    return text;
  }

  protected latin1(): string {
    const length = this.count();
    this.need(length);
    const { at } = this;
    this.at = at + length;
    return this.text.readLatin1(this.bytes, at, this.at);
  }

  protected utf16(): string {
    const length = this.count();
    this.need(length * 2);
    const { at } = this;
    this.at = at + length * 2;
    return this.text.readUtf16(this.bytes, at, this.at);
  }

  protected raw(): Uint8Array<ArrayBuffer> {
    const length = this.count();
    this.need(length);
    const { at } = this;
    this.at = at + length;
    return new Uint8Array(this.bytes.subarray(at, this.at));
  }
}
