import { Buffer } from "node:buffer";
import type { TextCodec } from "../../transports/wire/index.ts";

/** Node's own Latin-1, in C++. Undocumented, though as old as Buffer, and it takes any Uint8Array as `this`. */
interface Latin1 {
  latin1Write(this: Uint8Array, text: string, at: number, length: number): number;
  latin1Slice(this: Uint8Array, at: number, end: number): string;
}

// Sound: looked at when this module is loaded; without them the slower public API serves.
const { latin1Write, latin1Slice } = Buffer.prototype as unknown as Partial<Latin1>;

/** Long strings by native code: worth it from a few dozen characters on. */
export const nodeText: TextCodec = {
  write(bytes, at, text) {
    if (latin1Write !== undefined) latin1Write.call(bytes, text, at, text.length);
    else Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).write(text, at, "latin1");
  },
  read(bytes, at, end) {
    if (latin1Slice !== undefined) return latin1Slice.call(bytes, at, end);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", at, end);
  },
};
