/**
 * Takes the kernel out of the file that a boot loader would start, so that the machine need not unpack it at each boot: a quarter of
 * a second under emulation. Formats: the kernel's `Documentation/arch/x86/boot.rst`, ELF, and Xen's note of a start in 32 bits (PVH).
 */
import { gunzipSync } from "node:zlib";
import { isLz4, unpackLz4 } from "./lz4.ts";

const bytesMax = 512 * 2 ** 20;

/** Undefined: it is packed by other means, or cannot be started that way. Then it is booted as it is. */
export function vmlinuxOf(image: Buffer): Buffer | undefined {
  // "HdrS", and a version that tells where the kernel lies.
  if (
    image.length < 0x260 ||
    image.toString("latin1", 0x202, 0x206) !== "HdrS" ||
    image.readUInt16LE(0x206) < 0x208
  )
    return undefined;
  const start = ((image[0x1f1] ?? 0) + 1) * 512 + image.readUInt32LE(0x248);
  const packed = image.subarray(start, start + image.readUInt32LE(0x24c));
  const unpacked = unpack(packed);
  return unpacked !== undefined && hasPvhEntry(unpacked) ? unpacked : undefined;
}

function unpack(packed: Buffer): Buffer | undefined {
  if (packed.length < 8) return undefined;
  // Its length comes last: gzip's own, and for others it is added.
  const bytes = packed.readUInt32LE(packed.length - 4);
  if (bytes > bytesMax) return undefined;
  if (isLz4(packed)) return unpackLz4(packed.subarray(0, -4), bytes);
  return packed.readUInt16BE(0) === 0x1f8b ? gunzip(packed) : undefined;
}

function gunzip(packed: Buffer): Buffer | undefined {
  try {
    return gunzipSync(packed, { maxOutputLength: bytesMax });
  } catch {
    return undefined;
  }
}

const noteSegment = 4;
const pvhEntry = 18;

/** One of its notes says where it begins. */
function hasPvhEntry(elf: Buffer): boolean {
  if (elf.length < 64 || elf.toString("latin1", 0, 4) !== "\x7fELF" || elf[4] !== 2) return false;
  const headers = Number(elf.readBigUInt64LE(32));
  const count = elf.readUInt16LE(56);
  for (let n = 0; n < count; n++) {
    const at = headers + n * 56;
    if (at + 56 > elf.length || elf.readUInt32LE(at) !== noteSegment) continue;
    const from = Number(elf.readBigUInt64LE(at + 8));
    if (notesOf(elf.subarray(from, from + Number(elf.readBigUInt64LE(at + 32))))) return true;
  }
  return false;
}

function notesOf(notes: Buffer): boolean {
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameBytes, bytes, type] = [0, 4, 8].map((offset) => notes.readUInt32LE(at + offset));
    if (type === pvhEntry && notes.toString("latin1", at + 12, at + 15) === "Xen") return true;
    at += 12 + (((nameBytes ?? 0) + 3) & -4) + (((bytes ?? 0) + 3) & -4);
  }
  return false;
}
