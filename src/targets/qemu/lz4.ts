/**
 * Unpacks LZ4 in its legacy frame, as Linux packs its kernels: blocks of up to 8 MiB, each with its length before it. Formats:
 * `lz4_Frame_format.md` and `lz4_Block_format.md` of lz4. Reads never go past what is given, and writes never past what was asked for.
 */
const magic = 0x184c2102;
const blockMax = 8 * 2 ** 20;

export const isLz4 = (packed: Buffer): boolean => packed.length >= 4 && packed.readUInt32LE(0) === magic;

/** So many bytes. Undefined: it is broken. */
export function unpackLz4(packed: Buffer, bytes: number): Buffer | undefined {
  const out = Buffer.alloc(bytes);
  let at = 4;
  let written = 0;
  while (written < bytes) {
    if (at + 4 > packed.length) return undefined;
    const length = packed.readUInt32LE(at);
    at += 4;
    if (length > packed.length - at) return undefined;
    const end = unpackBlock(packed, at, at + length, out, written);
    if (end === undefined || end - written > blockMax) return undefined;
    at += length;
    written = end;
  }
  return out;
}

/** Where the output ends then. */
function unpackBlock(
  packed: Buffer,
  from: number,
  to: number,
  out: Buffer,
  start: number,
): number | undefined {
  let at = from;
  let written = start;
  const more = (short: number): number => {
    if (short < 15) return short;
    let length = short;
    for (let byte = 255; byte === 255 && at < to; length += byte) byte = packed[at++] ?? 0;
    return length;
  };
  while (at < to) {
    const token = packed[at++] ?? 0;
    const literals = more(token >> 4);
    if (at + literals > to || written + literals > out.length) return undefined;
    packed.copy(out, written, at, at + literals);
    at += literals;
    written += literals;
    // The last sequence has no match.
    if (at >= to) return written;
    const back = (packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8);
    at += 2;
    const length = more(token & 15) + 4;
    if (back === 0 || back > written || written + length > out.length) return undefined;
    // Forwards, and not as a block: a match may overlap what it makes.
    if (back >= length) out.copyWithin(written, written - back, written - back + length);
    else for (let i = 0; i < length; i++) out[written + i] = out[written - back + i] ?? 0;
    written += length;
  }
  return written;
}
