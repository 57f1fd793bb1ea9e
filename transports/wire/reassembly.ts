import { limits, type MotesError } from "../../kernel/index.ts";
import { wireError } from "./errors.ts";

const firstBytes = 16 * 1024;

/** Puts the fragments of one frame together. They cost no more memory than twice what came in, whatever the peer says. */
export class Reassembly {
  /** Of what is here of a frame; 0 between frames. */
  length = 0;
  private buffer: Uint8Array = new Uint8Array(0);

  /** Copies the part. The whole frame, if this was its last part. Throws `FRAME_CORRUPT` for one that grows too long, or does not grow. */
  add(part: Uint8Array, last: boolean): Uint8Array | undefined {
    const length = this.length + part.length;
    if (part.length === 0) throw this.corrupt("an empty fragment");
    if (length > limits.messageBytesMax) throw this.corrupt("fragments of more than a message may have");
    if (length > this.buffer.length) this.grow(length);
    this.buffer.set(part, this.length);
    this.length = length;
    if (!last) return undefined;
    const whole = this.buffer.subarray(0, length);
    this.buffer = new Uint8Array(0);
    this.length = 0;
    return whole;
  }

  corrupt(what: string): MotesError {
    return wireError("FRAME_CORRUPT", { what, at: this.length });
  }

  private grow(needed: number): void {
    const before = this.buffer;
    this.buffer = new Uint8Array(Math.max(firstBytes, before.length * 2, needed));
    this.buffer.set(before.subarray(0, this.length));
  }
}
