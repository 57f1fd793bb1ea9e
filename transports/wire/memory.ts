import type { Channel } from "./channel.ts";

export interface MemoryChannelOptions {
  /** Bytes that may be under way in each direction. Default 64 KiB. */
  readonly capacityBytes?: number;
  /** Default: a quarter of the capacity, as in a ring. */
  readonly maxRecordBytes?: number;
}

/** Two ends of a channel within one thread, for tests and the simulator: as bounded as a ring, published as a ring is. */
export function memoryChannel(options: MemoryChannelOptions = {}): [Channel, Channel] {
  const { capacityBytes = 64 * 1024, maxRecordBytes = capacityBytes >> 2 } = options;
  const there = new Pipe(capacityBytes);
  const back = new Pipe(capacityBytes);
  return [new MemoryEnd(there, back, maxRecordBytes), new MemoryEnd(back, there, maxRecordBytes)];
}

class Pipe {
  readonly records: Uint8Array[] = [];
  private readonly capacityBytes: number;
  private bytes = 0;
  /** Records that the reader may see. */
  published = 0;
  closed = false;

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes;
  }

  add(record: Uint8Array): boolean {
    if (this.bytes + record.length > this.capacityBytes) return false;
    this.bytes += record.length;
    this.records.push(record);
    return true;
  }

  take(): Uint8Array | undefined {
    if (this.published === 0) return undefined;
    const record = this.records.shift();
    this.published--;
    this.bytes -= record?.length ?? 0;
    return record;
  }
}

class MemoryEnd implements Channel {
  readonly maxRecordBytes: number;
  private readonly out: Pipe;
  private readonly in: Pipe;

  constructor(out: Pipe, into: Pipe, maxRecordBytes: number) {
    this.out = out;
    this.in = into;
    this.maxRecordBytes = maxRecordBytes;
  }

  write(bytes: Uint8Array, length: number): boolean {
    return !this.out.closed && this.out.add(bytes.slice(0, length));
  }

  read(target: Uint8Array): number {
    const record = this.in.take();
    if (record === undefined) return -1;
    target.set(record);
    return record.length;
  }

  publish(): boolean {
    this.out.published = this.out.records.length;
    return false;
  }

  get ended(): boolean {
    return this.in.closed && this.in.published === 0;
  }

  /** Both ways, as a ring pair: the peer still gets what was written. */
  close(): void {
    this.publish();
    this.out.closed = true;
    this.in.records.length = 0;
    this.in.published = 0;
    this.in.closed = true;
  }
}
