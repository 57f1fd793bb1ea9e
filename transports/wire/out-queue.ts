import { limits } from "../../kernel/index.ts";
import { frame } from "./frame.ts";

/** Records that wait for room, oldest first. Long frames are cut into fragments on the way in. */
export class OutQueue {
  /** Of all that waits. */
  bytes = 0;
  private records: (Uint8Array | undefined)[] = [];
  private head = 0;

  get empty(): boolean {
    return this.head === this.records.length;
  }

  get first(): Uint8Array | undefined {
    return this.records[this.head];
  }

  shift(): void {
    this.bytes -= this.first?.length ?? 0;
    this.records[this.head++] = undefined;
    // Moved up only when half of it is used up: each record is moved once, on average.
    if (this.head * 2 < this.records.length) return;
    this.records = this.records.slice(this.head);
    this.head = 0;
  }

  /** Before there is a channel, its records may be as short as any channel's. */
  add(bytes: Uint8Array, length: number, maxRecordBytes: number = limits.shortestRecordBytesMax): void {
    if (length <= maxRecordBytes) return this.push(bytes.slice(0, length));
    const part = maxRecordBytes - 1;
    for (let from = 0; from < length; from += part) {
      const to = Math.min(length, from + part);
      const record = new Uint8Array(1 + to - from);
      record[0] = to === length ? frame.lastFragment : frame.fragment;
      record.set(bytes.subarray(from, to), 1);
      this.push(record);
    }
  }

  clear(): void {
    this.records = [];
    this.head = 0;
    this.bytes = 0;
  }

  private push(record: Uint8Array): void {
    this.records.push(record);
    this.bytes += record.length;
  }
}
