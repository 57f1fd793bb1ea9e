import { limits } from "../../kernel/index.ts";
import { wireError } from "./errors.ts";

/** Puts the fragments of one frame together. What they may come to is bounded, whatever the peer says. */
export class Reassembly {
  private parts: Uint8Array[] = [];
  private bytes = 0;

  /** Copies the part. The whole frame, if this was its last part. Throws `FRAME_CORRUPT` for one that grows too long. */
  add(part: Uint8Array, last: boolean): Uint8Array | undefined {
    this.bytes += part.length;
    if (this.bytes > limits.messageBytesMax) {
      throw wireError("FRAME_CORRUPT", { what: "fragments of more than a message may have", at: this.bytes });
    }
    this.parts.push(part.slice());
    if (!last) return undefined;
    const whole = new Uint8Array(this.bytes);
    let at = 0;
    for (const each of this.parts) {
      whole.set(each, at);
      at += each.length;
    }
    this.parts = [];
    this.bytes = 0;
    return whole;
  }
}
