/**
 * How bytes travel between hosts: first a preamble that names protocol and version, once, then packets with length, number and
 * checksum. A packet holds whole frames. Its number counts up from 0, so that a lost or repeated one is noticed even where the
 * network promises little; the number also seeds the checksum. Little-endian throughout.
 */
import { linkError } from "./errors.ts";

/** xxHash32 of the bytes, with this seed. */
export type Checksum = (bytes: Uint8Array, seed: number) => number;

/** Of the protocol between hosts: preamble, packets, frames, hello. Not that of the frames within lanes. */
export const hostProtocolVersion = 1;
/** A NUL and a line end, so that no line of text can be taken for it. */
const magic: readonly number[] = [0x7f, 0x6d, 0x6f, 0x74, 0x65, 0x73, 0x00, 0x0a];
export const preambleBytes: number = magic.length + 4;
/** Length of the frames, number, checksum. */
export const packetHeaderBytes = 12;
/** What any host may send before it knows the other's limits. */
export const packetBytesMost: number = 1024 * 1024;

export function preamble(version: number = hostProtocolVersion): Uint8Array {
  const bytes = new Uint8Array(preambleBytes);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, version, true);
  return bytes;
}

/** Throws `LINK_FOREIGN` as soon as a byte is wrong, `LINK_VERSION`. True: all of it is there, and right. */
function checkPreamble(bytes: Uint8Array, length: number): boolean {
  const known = Math.min(length, magic.length);
  for (let i = 0; i < known; i++) if (bytes[i] !== magic[i]) throw linkError("LINK_FOREIGN", {});
  if (length < preambleBytes) return false;
  const got = viewOf(bytes).getUint32(magic.length, true);
  if (got !== hostProtocolVersion) throw linkError("LINK_VERSION", { expected: hostProtocolVersion, got });
  return true;
}

/** Puts the header in front of frames that start at `packetHeaderBytes`. */
export function sealPacket(bytes: Uint8Array, packet: number, checksum: Checksum): void {
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length - packetHeaderBytes, true);
  view.setUint32(4, packet, true);
  view.setUint32(8, checksum(bytes.subarray(packetHeaderBytes), packet), true);
}

/**
 * Takes bytes as they come, in pieces of any size, and answers whole packets, checked. It holds one packet at the most, and makes
 * room only as bytes come in, whatever a header says.
 */
export class PacketReader {
  /** The longest packet taken, header included; small until there was a hello. */
  bytesMax: number;
  private readonly checksum: Checksum;
  private opened = false;
  private next = 0;
  private carry: Uint8Array = new Uint8Array(256);
  private carried = 0;

  constructor(checksum: Checksum, bytesMax: number) {
    this.checksum = checksum;
    this.bytesMax = bytesMax;
  }

  /** Bytes that wait for the rest of their packet. */
  get heldBytes(): number {
    return this.carried;
  }

  /**
   * Gives each packet's frames to `take`, as a range of bytes that is only good until it returns; false from it ends the reading.
   * Throws `LINK_FOREIGN`, `LINK_VERSION`, `LINK_CORRUPT` (a length out of range), `LINK_GAP`, `LINK_DAMAGED`.
   */
  read(chunk: Uint8Array, take: (bytes: Uint8Array, start: number, end: number) => boolean): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.carried === 0) {
        const needed = this.needed(chunk, at, chunk.length - at);
        if (needed > 0 && needed <= chunk.length - at) {
          if (!this.whole(chunk, at, needed, take)) return;
          at += needed;
          continue;
        }
      }
      at += this.collect(chunk, at);
      const needed = this.needed(this.carry, 0, this.carried);
      if (needed < 0 || needed > this.carried) continue;
      this.carried = 0;
      if (!this.whole(this.carry, 0, needed, take)) return;
    }
  }

  /** Bytes of the preamble or packet that starts here; -1 if that cannot be told yet. */
  private needed(bytes: Uint8Array, at: number, length: number): number {
    if (!this.opened) {
      checkPreamble(bytes.subarray(at, at + length), length);
      return preambleBytes;
    }
    if (length < packetHeaderBytes) return -1;
    const frames = viewOf(bytes).getUint32(at, true);
    if (frames === 0 || packetHeaderBytes + frames > this.bytesMax)
      throw linkError("LINK_CORRUPT", {
        what: `a packet of ${frames} bytes, and ${this.bytesMax} is the most`,
      });
    return packetHeaderBytes + frames;
  }

  private whole(
    bytes: Uint8Array,
    at: number,
    length: number,
    take: (bytes: Uint8Array, start: number, end: number) => boolean,
  ): boolean {
    if (!this.opened) {
      this.opened = true;
      return true;
    }
    const view = viewOf(bytes);
    const got = view.getUint32(at + 4, true);
    if (got !== this.next) throw linkError("LINK_GAP", { expected: this.next, got });
    const sum = this.checksum(bytes.subarray(at + packetHeaderBytes, at + length), got);
    if (view.getUint32(at + 8, true) !== sum) throw linkError("LINK_DAMAGED", { packet: got });
    this.next = (got + 1) >>> 0;
    return take(bytes, at + packetHeaderBytes, at + length);
  }

  /** Moves what is needed next to the carry, as far as it is there; how much that was. */
  private collect(chunk: Uint8Array, at: number): number {
    const header = this.opened ? packetHeaderBytes : preambleBytes;
    const needed = this.carried < header ? header : this.needed(this.carry, 0, this.carried);
    const length = Math.min(needed - this.carried, chunk.length - at);
    const total = this.carried + length;
    if (total > this.carry.length) {
      const wider = new Uint8Array(Math.min(this.bytesMax, Math.max(total, 2 * this.carry.length)));
      wider.set(this.carry.subarray(0, this.carried));
      this.carry = wider;
    }
    this.carry.set(chunk.subarray(at, at + length), this.carried);
    this.carried = total;
    return length;
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
