/**
 * Long strings to bytes and back, a byte a character. The portable way is a loop; a platform with something faster (Node's
 * `Buffer`) passes it in.
 */
export interface TextCodec {
  /** Writes one byte a character; the caller has seen that all are below 256 and that there is room. */
  write(bytes: Uint8Array, at: number, text: string): void;
  read(bytes: Uint8Array, at: number, end: number): string;
}

const charactersPerCall = 4096;

export const portableText: TextCodec = {
  write(bytes, at, text) {
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  },
  read(bytes, at, end) {
    let text = "";
    // A call takes its arguments on the stack, which is not endless.
    for (let from = at; from < end; from += charactersPerCall) {
      text += String.fromCharCode(...bytes.subarray(from, Math.min(end, from + charactersPerCall)));
    }
    return text;
  },
};

/** True if every character fits into a byte. */
export function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false;
  return true;
}
