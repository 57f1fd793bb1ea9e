import type { Channel } from "../wire/index.ts";
import type { RingPair } from "./pair.ts";

/**
 * A pair of rings as a channel for a `Link`, with what its vCPU needs to sleep by. Bytes are copied out of the ring before
 * anything looks at them.
 */
export class RingChannel implements Channel {
  readonly maxRecordBytes: number;
  readonly leavesLonger = true;
  private readonly pair: RingPair;

  constructor(pair: RingPair) {
    this.pair = pair;
    this.maxRecordBytes = pair.writer.maxBodyBytes;
  }

  write(bytes: Uint8Array, length: number): boolean {
    return this.pair.writer.write(bytes, length);
  }

  read(target: Uint8Array): number {
    const { reader } = this.pair;
    const length = reader.peek();
    if (length < 0) return -1;
    if (length > target.length) return length;
    reader.copy(target);
    reader.release();
    return length;
  }

  publish(): boolean {
    const { reader, writer } = this.pair;
    // Both, always: each answers for its own direction.
    const freed = reader.publish();
    return writer.publish() || freed;
  }

  get ended(): boolean {
    const { reader, writer } = this.pair;
    return reader.ended || (writer.peerClosed && !reader.hasMore);
  }

  /** True if `read` would find something: one load. */
  get waiting(): boolean {
    return this.pair.reader.hasMore;
  }

  /**
   * Asks to be woken for new records, unless there is no use for them now, and for room if `bytesToWrite` is not negative. False:
   * there is something to do already.
   */
  prepareSleep(bytesToWrite: number, reads: boolean = true): boolean {
    const { reader, writer } = this.pair;
    const full = bytesToWrite < 0 || writer.waitForSpace(bytesToWrite);
    return (!reads || reader.prepareSleep()) && full;
  }

  awake(): void {
    this.pair.reader.awake();
  }

  close(): void {
    this.pair.writer.close();
    this.pair.reader.close();
  }
}
