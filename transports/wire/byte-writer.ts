/**
 * The bytes of one frame at a time, in a buffer that is used again: whole numbers, numbers, strings and raw bytes. It knows
 * nothing of objects (that is the `Encoder`), and grows no further than a message may.
 */
import { limits } from "../../kernel/index.ts";
import { wireError } from "./errors.ts";
import { shortTextMax, tag } from "./tags.ts";
import { isLatin1, type TextCodec } from "./text.ts";

const firstBytes = 512;
const keptBytesMax = 1024 * 1024;
/** What is asked for beyond what is then written, at the most. */
const slackBytes = 16;
/** Up to here a loop beats a call of the text codec. */
const loopCharactersMax = 24;

export class ByteWriter {
  bytes: Uint8Array = new Uint8Array(firstBytes);
  /** The end of what is written. */
  at = 0;
  private view: DataView = new DataView(this.bytes.buffer);
  private readonly text: TextCodec;

  constructor(text: TextCodec) {
    this.text = text;
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

  protected number(value: number): void {
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

  protected string(text: string): void {
    const { length } = text;
    if (length <= loopCharactersMax && this.looped(text, length)) return;
    if (!isLatin1(text)) {
      this.reserve(2 * length + 9);
      this.bytes[this.at++] = tag.utf16;
      this.count(length);
      this.text.writeUtf16(this.bytes, this.at, text);
      this.at += 2 * length;
      return;
    }
    this.reserve(length + 9);
    if (length <= shortTextMax) this.bytes[this.at++] = tag.shortText + length;
    else {
      this.bytes[this.at++] = tag.latin1;
      this.count(length);
    }
    this.text.writeLatin1(this.bytes, this.at, text);
    this.at += length;
  }

  protected raw(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Room for so many bytes more. Throws `MESSAGE_TOO_LARGE`. */
  protected reserve(bytes: number): void {
    if (this.at + bytes > this.bytes.length) this.grow(this.at + bytes);
  }

  /** So many bytes will come. Throws `MESSAGE_TOO_LARGE` before the first of too many: a list may be long and hold nothing. */
  protected atLeast(bytes: number): void {
    const max = limits.messageBytesMax;
    if (this.at + bytes > max + slackBytes)
      throw wireError("MESSAGE_TOO_LARGE", { got: this.at + bytes, max, unit: "bytes" });
  }

  /** A large message's buffer is not kept for small ones. */
  protected restart(): void {
    this.at = 0;
    if (this.bytes.length > keptBytesMax) this.resize(firstBytes);
  }

  private looped(text: string, length: number): boolean {
    this.reserve(length + 1);
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

  private grow(needed: number): void {
    const max = limits.messageBytesMax;
    if (needed > max + slackBytes) throw wireError("MESSAGE_TOO_LARGE", { got: needed, max, unit: "bytes" });
    this.resize(Math.max(this.bytes.length * 2, needed));
  }

  private resize(length: number): void {
    const before = this.bytes;
    this.bytes = new Uint8Array(length);
    this.bytes.set(before.subarray(0, this.at));
    this.view = new DataView(this.bytes.buffer);
  }
}
