/**
 * An image as a file: a header with five lengths, the manifest, the code, its source map, the portable code, its source map, and a digest
 * of all before it. It looks at no content; whatever the bytes are, `openContainer` returns or throws one of its named errors, in time linear in their number.
 */
import xxhash from "xxhash-wasm";
import { srcError } from "../errors.ts";

/** With a line end and a NUL: a file that went through a conversion of text is foreign. */
const magic = Uint8Array.of(0x7f, 0x6d, 0x6f, 0x74, 0x65, 0x0d, 0x0a, 0x00);
const formatVersion = 2;
const partCount = 5;
const headerBytes = magic.length + 4 * (1 + partCount);
const digestBytes = 8;

/** The parts of an image, as texts. */
export interface Container {
  readonly manifest: string;
  readonly code: string;
  readonly sourceMap: string;
  /** For VMs without Node; empty if the program needs Node to be bundled. */
  readonly portable: string;
  readonly portableMap: string;
}

/** Magic, then version and lengths as little-endian 32 bits, the parts in UTF-8, xxHash64. */
export async function sealContainer(container: Container): Promise<Uint8Array> {
  const { manifest, code, sourceMap, portable, portableMap } = container;
  const parts = [manifest, code, sourceMap, portable, portableMap].map((text) => Buffer.from(text));
  const header = Buffer.alloc(headerBytes);
  header.set(magic);
  [formatVersion, ...parts.map(({ length }) => length)].forEach((word, index) =>
    header.writeUInt32LE(word, magic.length + index * 4),
  );
  const body = Buffer.concat([header, ...parts]);
  const digest = Buffer.alloc(digestBytes);
  digest.writeBigUInt64LE(await digestOf(body));
  return Buffer.concat([body, digest]);
}

/** `path` is for its errors: `IMAGE_FOREIGN`, `IMAGE_TRUNCATED`, `IMAGE_DIGEST`, `IMAGE_MANIFEST` (it is no UTF-8). */
export async function openContainer(given: Uint8Array, path: string): Promise<Container> {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  if (!bytes.subarray(0, magic.length).equals(magic)) throw srcError("IMAGE_FOREIGN", { path });
  if (bytes.length < headerBytes + digestBytes) {
    throw srcError("IMAGE_TRUNCATED", { path, expected: headerBytes + digestBytes, got: bytes.length });
  }
  const word = (index: number): number => bytes.readUInt32LE(magic.length + index * 4);
  if (word(0) !== formatVersion) throw srcError("IMAGE_FOREIGN", { path });
  const lengths = Array.from({ length: partCount }, (_, index) => word(1 + index));
  // Below 2^35: exact.
  const expected = lengths.reduce((sum, length) => sum + length, headerBytes + digestBytes);
  if (bytes.length !== expected) throw srcError("IMAGE_TRUNCATED", { path, expected, got: bytes.length });
  const end = bytes.length - digestBytes;
  const told = bytes.readBigUInt64LE(end);
  const got = await digestOf(bytes.subarray(0, end));
  if (told !== got) throw srcError("IMAGE_DIGEST", { path, expected: hex(told), got: hex(got) });
  let at = headerBytes;
  const [manifest = "", code = "", sourceMap = "", portable = "", portableMap = ""] = lengths.map((length) =>
    textOf(bytes.subarray(at, (at += length)), path),
  );
  return { manifest, code, sourceMap, portable, portableMap };
}

/** 16 hexadecimal digits. */
export const hex = (digest: bigint): string => digest.toString(16).padStart(16, "0");

/** xxHash64 with seed 0. */
export async function digestOf(bytes: Uint8Array): Promise<bigint> {
  const { h64Raw } = await xxhash();
  return h64Raw(bytes);
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw srcError("IMAGE_MANIFEST", { path, what: "a part of the file is not UTF-8" });
  }
}
