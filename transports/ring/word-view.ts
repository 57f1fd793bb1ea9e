/**
 * Copies in and out of a ring by words, for the short bodies that most are. A byte loop costs four times as much, and
 * `TypedArray.set` about 45 ns before its first byte; making an `Int32Array` costs more, so the one over the array last used is kept.
 */

/** From here on `TypedArray.set` is faster. Measured on Node 20. */
const wordCopyBytesMax = 192;

/** Remembers one array outside the ring, usually the scratch of an encoder or decoder, and its words. */
export class WordView {
  private bytes: Uint8Array | undefined;
  private words: Int32Array | undefined;

  /** Copies the first `length` bytes of `source` to `offset`, a multiple of 4, in the ring. */
  copyIn(
    source: Uint8Array,
    length: number,
    ringBytes: Uint8Array,
    ringWords: Int32Array,
    offset: number,
  ): void {
    const words = length <= wordCopyBytesMax ? this.wordsOf(source) : undefined;
    if (words === undefined) {
      ringBytes.set(length === source.length ? source : source.subarray(0, length), offset);
      return;
    }
    const whole = length >> 2;
    const start = offset >> 2;
    for (let i = 0; i < whole; i++) ringWords[start + i] = words[i] as number;
    for (let i = whole << 2; i < length; i++) ringBytes[offset + i] = source[i] as number;
  }

  /** Copies `length` bytes from `offset`, a multiple of 4, in the ring to the start of `target`. */
  copyOut(
    target: Uint8Array,
    length: number,
    ringBytes: Uint8Array,
    ringWords: Int32Array,
    offset: number,
  ): void {
    const words = length <= wordCopyBytesMax ? this.wordsOf(target) : undefined;
    if (words === undefined) {
      target.set(ringBytes.subarray(offset, offset + length));
      return;
    }
    const whole = length >> 2;
    const start = offset >> 2;
    for (let i = 0; i < whole; i++) words[i] = ringWords[start + i] as number;
    for (let i = whole << 2; i < length; i++) target[i] = ringBytes[offset + i] as number;
  }

  /** The words of an array that is used again; none at its first use, or if it is not aligned. */
  private wordsOf(bytes: Uint8Array): Int32Array | undefined {
    if (bytes === this.bytes) return this.words ?? this.view(bytes);
    this.bytes = bytes;
    this.words = undefined;
    return undefined;
  }

  private view(bytes: Uint8Array): Int32Array | undefined {
    if ((bytes.byteOffset & 3) !== 0) return undefined;
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    return this.words;
  }
}
