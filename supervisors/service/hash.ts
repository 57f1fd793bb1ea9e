/**
 * XXH32 of a text, over its UTF-16 code units in little-endian order: portable, and without a byte allocated. And the choice
 * that is made with it: rendezvous hashing, where each key ranks all places. Pure.
 *
 * Semantics: xxHash specification, 32 bits; Thaler and Ravishankar, highest random weight.
 */
const prime1 = 0x9e3779b1;
const prime2 = 0x85ebca77;
const prime3 = 0xc2b2ae3d;
const prime4 = 0x27d4eb2f;
const prime5 = 0x165667b1;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** The four bytes of two code units. */
const word = (text: string, at: number): number => text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);

const round = (sum: number, input: number): number =>
  Math.imul(rotate((sum + Math.imul(input, prime2)) | 0, 13), prime1);

/** From 0 to 2^32 - 1. */
export function xxh32(text: string, seed = 0): number {
  const { length } = text;
  let at = 0;
  let hash = (seed + prime5) | 0;
  if (length >= 8) {
    let a = (seed + prime1 + prime2) | 0;
    let b = (seed + prime2) | 0;
    let c = seed | 0;
    let d = (seed - prime1) | 0;
    for (; at + 8 <= length; at += 8) {
      a = round(a, word(text, at));
      b = round(b, word(text, at + 2));
      c = round(c, word(text, at + 4));
      d = round(d, word(text, at + 6));
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
  }
  hash = (hash + 2 * length) | 0;
  for (; at + 2 <= length; at += 2)
    hash = Math.imul(rotate((hash + Math.imul(word(text, at), prime3)) | 0, 17), prime4);
  if (at < length) {
    const unit = text.charCodeAt(at);
    hash = Math.imul(rotate((hash + Math.imul(unit & 0xff, prime5)) | 0, 11), prime1);
    hash = Math.imul(rotate((hash + Math.imul(unit >>> 8, prime5)) | 0, 11), prime1);
  }
  return avalanche(hash);
}

/** How much a key wants a place: the place that is wanted most has it, whatever the others are. */
export const weight = (hash: number, place: number): number => avalanche(hash ^ Math.imul(place + 1, prime3));

function avalanche(given: number): number {
  let hash = given;
  hash = Math.imul(hash ^ (hash >>> 15), prime2);
  hash = Math.imul(hash ^ (hash >>> 13), prime3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
