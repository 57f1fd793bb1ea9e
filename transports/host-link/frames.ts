/**
 * The frames of a packet, written and read as numbers, bytes and texts. Numbers are whole, seven bits a byte. The reader holds every
 * length against what is there before anything is made of it, and throws `LINK_CORRUPT`.
 */
import type { MotesError } from "../../kernel/index.ts";
import { linkError } from "./errors.ts";
import { packetHeaderBytes } from "./packet.ts";

/** The kinds of frames, by their first byte: never reuse one. Behind each what it carries. */
export const frame = {
  /** Identity and limits, as JSON. */
  hello: 1,
  /** A number that comes back. */
  ping: 2,
  pong: 3,
  /** Code and text: nothing follows. */
  bye: 4,
  /** Lane, VM here, VM there, credit in bytes. */
  open: 5,
  /** Lane, credit in bytes. */
  accept: 6,
  /** Lane, length, bytes. */
  data: 7,
  /** Lane, bytes more. */
  credit: 8,
  /** Lane, code, text. */
  close: 9,
} as const;

/** Of a number: those here are below 2 ** 49. */
const numberBytesMax = 7;
/** In front of a record: kind, lane, length. */
export const dataHeaderBytes: number = 1 + 2 * numberBytesMax;
/** The longest control frame: code and text of a reason, in UTF-8, with room to spare. */
export const controlBytesMax = 2048;

/** Fills one packet. The room must have been looked at before. */
export class FrameWriter {
  readonly bytes: Uint8Array;
  at: number = packetHeaderBytes;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(capacityBytes);
  }

  get room(): number {
    return this.bytes.length - this.at;
  }

  get empty(): boolean {
    return this.at === packetHeaderBytes;
  }

  number(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
    return this;
  }

  text(text: string): this {
    return this.blob(new TextEncoder().encode(text));
  }

  blob(bytes: Uint8Array): this {
    this.number(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  /** A copy of what was written, header room included; empty again. */
  take(): Uint8Array {
    const packet = this.bytes.slice(0, this.at);
    this.at = packetHeaderBytes;
    return packet;
  }
}

export class FrameReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  private end = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  number(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < numberBytesMax; i++) {
      if (this.at >= this.end) throw this.corrupt("an early end of a packet");
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    throw this.corrupt("a number without an end");
  }

  /** Of what follows; the bytes stay where they are, from `at` on, and must be skipped. */
  length(most: number): number {
    const length = this.number();
    if (length > most) throw this.corrupt(`${length} bytes where ${most} is the most`);
    if (length > this.end - this.at) throw this.corrupt("a length past the end of its packet");
    return length;
  }

  text(most: number): string {
    const length = this.length(most);
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }

  corrupt(what: string): MotesError {
    return linkError("LINK_CORRUPT", { what });
  }
}
