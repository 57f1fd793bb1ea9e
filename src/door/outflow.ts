import type { Writable } from "node:stream";
import type { Caller } from "../../kernel/index.ts";

/**
 * Bytes to a client: each part is confirmed when the connection has room for more. Whoever waits for that before it writes on
 * is held to the client's pace; one that does not is cut off, so that nothing piles up here.
 */
export class Outflow {
  private readonly stream: Writable;
  private readonly waiting: Caller<undefined>[] = [];

  constructor(stream: Writable) {
    this.stream = stream;
    stream.on("drain", () => {
      for (const caller of this.waiting.splice(0)) caller.reply(undefined);
    });
  }

  /** False: the writer is too far ahead, and this part was not taken. */
  write(caller: Caller<undefined>, chunk: string | Uint8Array): boolean {
    if (this.waiting.length >= unconfirmedMax) return false;
    if (chunk.length === 0 || this.stream.write(chunk)) caller.reply(undefined);
    else this.waiting.push(caller);
    return true;
  }
}

/** Parts of one writer that are in the connection's queue. One is enough to go on without a pause, if the client keeps up. */
export const unconfirmedMax = 4;
