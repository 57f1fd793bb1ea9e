/**
 * Long strings to bytes and back: a byte a character where all fit (Latin-1), else two, so that whatever JavaScript calls a
 * string comes through, lone surrogates too. The portable way is a loop; a platform with something faster (Node's `Buffer`)
 * passes it in. The caller has seen to it that there is room, and that the characters fit.
 */
export interface TextCodec {
  writeLatin1(bytes: Uint8Array, at: number, text: string): void;
  readLatin1(bytes: Uint8Array, at: number, end: number): string;
  /** Little-endian UTF-16. */
  writeUtf16(bytes: Uint8Array, at: number, text: string): void;
  /** From `at`, which need not be even, to `end`, an even number of bytes later. */
  readUtf16(bytes: Uint8Array, at: number, end: number): string;
}

const charactersPerCall = 4096;

export const portableText: TextCodec = {
  writeLatin1(bytes, at, text) {
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  },
  readLatin1(bytes, at, end) {
    let text = "";
    // A call takes its arguments on the stack, which is not endless.
    for (let from = at; from < end; from += charactersPerCall) {
      text += String.fromCharCode(...bytes.subarray(from, Math.min(end, from + charactersPerCall)));
    }
    return text;
  },
  writeUtf16(bytes, at, text) {
    for (let i = 0, to = at; i < text.length; i++) {
      const character = text.charCodeAt(i);
      bytes[to++] = character;
      bytes[to++] = character >> 8;
    }
  },
  readUtf16(bytes, at, end) {
    let text = "";
    for (let from = at; from < end; from += 2 * charactersPerCall) {
      const characters: number[] = [];
      const to = Math.min(end, from + 2 * charactersPerCall);
      for (let i = from; i < to; i += 2)
        characters.push((bytes[i] as number) | ((bytes[i + 1] as number) << 8));
      text += String.fromCharCode(...characters);
    }
    return text;
  },
};

// A regular expression and no loop: V8 keeps Latin-1 strings apart from others, and sees without looking that they cannot match.
// oxlint-disable-next-line no-control-regex -- the whole range is meant
const wide = /[^\u0000-\u00ff]/;

/** True if every character fits into a byte. */
export const isLatin1 = (text: string): boolean => !wide.test(text);
