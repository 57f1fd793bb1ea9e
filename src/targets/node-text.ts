import { Buffer } from "node:buffer";
import type { TextCodec } from "../../transports/wire/index.ts";

/** Node's own conversions, in C++. Undocumented, though as old as Buffer, and they take any Uint8Array as `this`. */
interface NativeText {
  latin1Write(this: Uint8Array, text: string, at: number, length: number): number;
  latin1Slice(this: Uint8Array, at: number, end: number): string;
  ucs2Write(this: Uint8Array, text: string, at: number, length: number): number;
  ucs2Slice(this: Uint8Array, at: number, end: number): string;
}

// Sound: looked at here, each for itself; without them the slower public API serves.
const { latin1Write, latin1Slice, ucs2Write, ucs2Slice } = Buffer.prototype as unknown as Partial<NativeText>;

/** Long strings by native code: worth it from two dozen characters on. */
export const nodeText: TextCodec = {
  writeLatin1(bytes, at, text) {
    if (latin1Write !== undefined) latin1Write.call(bytes, text, at, text.length);
    else bufferOf(bytes).write(text, at, "latin1");
  },
  readLatin1(bytes, at, end) {
    if (latin1Slice !== undefined) return latin1Slice.call(bytes, at, end);
    return bufferOf(bytes).toString("latin1", at, end);
  },
  writeUtf16(bytes, at, text) {
    if (ucs2Write !== undefined) ucs2Write.call(bytes, text, at, text.length * 2);
    else bufferOf(bytes).write(text, at, "utf16le");
  },
  readUtf16(bytes, at, end) {
    if (ucs2Slice !== undefined) return ucs2Slice.call(bytes, at, end);
    return bufferOf(bytes).toString("utf16le", at, end);
  },
};

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
