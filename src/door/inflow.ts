import type { Readable } from "node:stream";
import type { Caller } from "../../kernel/index.ts";

/**
 * Bytes from a client, handed out to whoever asks for them: one part an ask, in order, null at the end. Nothing is read ahead
 * beyond the stream's own mark, so the client is held back by TCP. It fails no ask: those that are open end with their actor.
 */
export class Inflow {
  private readonly stream: Readable;
  private readonly bytesMax: number;
  private readonly tooLong: () => void;
  private readonly asking: Caller<Uint8Array | null>[] = [];
  private bytes = 0;
  private ended = false;

  /** `tooLong` is called once, instead of handing out what goes beyond `bytesMax`. */
  constructor(stream: Readable, bytesMax: number, tooLong: () => void) {
    this.stream = stream;
    this.bytesMax = bytesMax;
    this.tooLong = tooLong;
    stream.on("readable", this.hand);
    stream.once("end", () => {
      this.ended = true;
      this.hand();
    });
  }

  read(caller: Caller<Uint8Array | null>): void {
    this.asking.push(caller);
    this.hand();
  }

  /** Nobody asks any more: the rest is let go. */
  close(): void {
    this.stream.off("readable", this.hand);
    this.stream.resume();
  }

  private readonly hand = (): void => {
    while (this.asking.length > 0) {
      const chunk = this.stream.read() as Buffer | null;
      if (chunk === null) break;
      this.bytes += chunk.length;
      if (this.bytes > this.bytesMax) {
        this.asking.length = 0;
        return this.tooLong();
      }
      this.asking.shift()?.reply(plain(chunk));
    }
    if (!this.ended) return;
    for (const caller of this.asking.splice(0)) caller.reply(null);
  };
}

/** A view of its own class: to the one who gets it, bytes are the same whether it lives in this VM or in another. */
export const plain = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);
