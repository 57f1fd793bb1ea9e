/**
 * What a certificate is written in: values of ASN.1 in their distinguished encoding (X.690). Only written, never read: reading is
 * OpenSSL's, in Node. Owns nothing.
 */
const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function tagged(tagByte: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tagByte), lengthOf(body.length), body]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(tag.sequence, ...parts);
export const setOf = (part: Uint8Array): Buffer => tagged(tag.set, part);
export const octets = (bytes: Uint8Array): Buffer => tagged(tag.octetString, bytes);
export const bits = (bytes: Uint8Array, unused = 0): Buffer =>
  tagged(tag.bitString, Buffer.of(unused), bytes);
export const utf8 = (text: string): Buffer => tagged(tag.utf8, Buffer.from(text));
export const truth: Buffer = tagged(tag.boolean, Buffer.of(0xff));

/** Not negative; big-endian. */
export function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.of(0) : bytes.subarray(start);
  return tagged(tag.integer, Buffer.alloc((digits[0] ?? 0) >= 0x80 ? 1 : 0), digits);
}

/** As `1.2.840.10045.4.3.2`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(tag.objectId, Buffer.of(first * 40 + second), ...rest.map(base128));
}

/** To the second. Two digits of the year up to 2049, as RFC 5280 asks. */
export function time(at: Date): Buffer {
  const text = `${at.toISOString().replace(/[-:T]|\.\d+/g, "")}`;
  return at.getUTCFullYear() < 2050
    ? tagged(tag.utcTime, Buffer.from(text.slice(2), "latin1"))
    : tagged(tag.generalizedTime, Buffer.from(text, "latin1"));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits]);
}

function base128(value: number): Buffer {
  const digits = [value % 0x80];
  for (let rest = Math.floor(value / 0x80); rest > 0; rest = Math.floor(rest / 0x80))
    digits.unshift((rest % 0x80) | 0x80);
  return Buffer.from(digits);
}
