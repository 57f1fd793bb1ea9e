import { assert } from "../../../kernel/index.ts";

/** What QuickJS starts a runtime with. */
const firstThresholdBytes = 256 * 1024;
const patienceBytes = 8 * 1024 * 1024;
const wordsLookedAt = 64;
const mark = 0x5eed_1eaf;

/**
 * Two words of a QuickJS runtime that its interface does not tell: how many bytes it holds, and above how many it looks for cycles.
 * They are found, not known: the count stands before the limit, which the interface can set.
 */
export class HeapWords {
  private readonly memory: { readonly buffer: ArrayBufferLike };
  private readonly sizeAt: number;
  private readonly thresholdAt: number;
  private view: Int32Array;

  /** `runtimeAt` is a fresh runtime's address. Throws if QuickJS is not as it was. */
  constructor(
    memory: { readonly buffer: ArrayBufferLike },
    runtimeAt: number,
    setLimit: (bytes: number) => void,
  ) {
    this.memory = memory;
    this.view = new Int32Array(memory.buffer);
    const words = [...this.view.subarray(runtimeAt >> 2, (runtimeAt >> 2) + wordsLookedAt)];
    const threshold = words.indexOf(firstThresholdBytes);
    setLimit(mark);
    const limit = this.words.indexOf(mark, runtimeAt >> 2) - (runtimeAt >> 2);
    setLimit(-1);
    assert(
      threshold > 0 && limit > 0 && limit < wordsLookedAt && this.words[(runtimeAt >> 2) + limit] === -1,
      "the runtime is of the release of QuickJS that this was written for",
    );
    this.sizeAt = (runtimeAt >> 2) + limit - 1;
    this.thresholdAt = (runtimeAt >> 2) + threshold;
  }

  /** Bytes that the runtime holds. */
  get sizeBytes(): number {
    return (this.words[this.sizeAt] ?? 0) >>> 0;
  }

  /** Above how many it looks for cycles, at the next object made. QuickJS sets a new one when it has. */
  get thresholdBytes(): number {
    return (this.words[this.thresholdAt] ?? 0) >>> 0;
  }

  set thresholdBytes(bytes: number) {
    this.words[this.thresholdAt] = Math.min(bytes, 2 ** 32 - 1);
  }

  /** Cycles are not looked for before the heap has grown by this, or by half of its room: what QuickJS chooses is too often for small heaps. */
  bePatient(roomBytes: number): void {
    this.thresholdBytes = this.sizeBytes + Math.min(patienceBytes, roomBytes / 2);
  }

  /** WebAssembly's memory is another buffer when it has grown. */
  private get words(): Int32Array {
    if (this.view.buffer !== this.memory.buffer) this.view = new Int32Array(this.memory.buffer);
    return this.view;
  }
}
