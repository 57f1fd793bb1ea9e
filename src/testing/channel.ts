import { memoryChannel, type Channel } from "../../transports/wire/index.ts";

/**
 * One end of a way in memory, whose records are read only once the simulation has let them through. What is written is told to
 * `wrote`, record by record.
 */
export class GatedChannel implements Channel {
  /** Records that may be read. */
  let = 0;
  wrote: () => void = () => {};
  private readonly inner: Channel;

  constructor(inner: Channel) {
    this.inner = inner;
  }

  get maxRecordBytes(): number {
    return this.inner.maxRecordBytes;
  }

  write(bytes: Uint8Array, length: number): boolean {
    if (!this.inner.write(bytes, length)) return false;
    this.inner.publish();
    this.wrote();
    return true;
  }

  read(target: Uint8Array): number {
    if (this.let === 0) return -1;
    const length = this.inner.read(target);
    if (length >= 0) this.let--;
    return length;
  }

  publish(): boolean {
    return this.inner.publish();
  }

  /** A simulated VM that ends is told of by the simulation, and never by the end of a channel. */
  get ended(): boolean {
    return false;
  }

  close(): void {
    this.inner.close();
  }
}

/** Both ends. */
export function gatedChannels(): readonly [GatedChannel, GatedChannel] {
  const [a, b] = memoryChannel();
  return [new GatedChannel(a), new GatedChannel(b)];
}
