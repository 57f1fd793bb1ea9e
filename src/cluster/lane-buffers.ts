import { limits } from "../../kernel/index.ts";

/** Kept for the next one that needs one: more are in use at once only where many lanes are held up. */
const keptMax = 32;
/** The length in front of each record of a VM. */
export const lengthBytes = 4;

/**
 * Buffers for what lanes of one host are in the middle of: a record of the lane, and the longest of a VM. A lane has one while
 * something waits in it, so that one that rests costs none. Owns those that nobody has now, up to a bound.
 */
export class LaneBuffers {
  private readonly kept: Uint8Array[] = [];

  /** `recordBytesMax`: of the lane. What is in it is of no meaning. */
  take(recordBytesMax: number): Uint8Array {
    const bytes = recordBytesMax + lengthBytes + limits.farRecordBytesMax;
    const buffer = this.kept.pop();
    return buffer === undefined || buffer.length < bytes ? new Uint8Array(bytes) : buffer;
  }

  give(buffer: Uint8Array): void {
    if (this.kept.length < keptMax) this.kept.push(buffer);
  }
}
