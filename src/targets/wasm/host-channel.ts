import { type Home, type Kernel, MotesError } from "../../../kernel/index.ts";
import type { Bell } from "../doorbell.ts";
import { LinkLine, type SleepyChannel } from "../link-line.ts";
import { hostText } from "./host-text.ts";
import type { Outside } from "./outside.ts";

/** A channel whose ring its worker holds: bytes are copied between the ring and this VM's memory, and nowhere else. */
class HostChannel implements SleepyChannel {
  readonly maxRecordBytes: number;
  readonly leavesLonger = true;
  /** A record that found no room, and is out of the ring. */
  private held: ArrayBuffer | undefined = undefined;
  ended = false;
  private readonly outside: Outside;
  private readonly line: number;

  constructor(outside: Outside, line: number) {
    this.outside = outside;
    this.line = line;
    this.maxRecordBytes = outside.maxRecordBytes(line);
  }

  write(bytes: Uint8Array, length: number): boolean {
    const wrote = this.outside.write(this.line, bytes.slice(0, length).buffer);
    if (wrote < 0) throw this.problem();
    return wrote === 1;
  }

  read(target: Uint8Array): number {
    const record = this.held ?? this.outside.read(this.line);
    if (typeof record === "object") {
      const fits = record.byteLength <= target.length;
      if (fits) target.set(new Uint8Array(record));
      this.held = fits ? undefined : record;
      return record.byteLength;
    }
    if (record === -3) throw this.problem();
    this.ended = record === -2;
    return -1;
  }

  publish(): boolean {
    return this.outside.publish(this.line);
  }

  get waiting(): boolean {
    return this.outside.waiting(this.line);
  }

  prepareSleep(bytesToWrite: number): boolean {
    return this.outside.prepareSleep(this.line, bytesToWrite);
  }

  awake(): void {
    this.outside.awake(this.line);
  }

  close(): void {
    this.outside.close(this.line);
  }

  private problem(): MotesError {
    return new MotesError("RING_CORRUPT", this.outside.problem(this.line), { line: this.line });
  }
}

/** A line whose ring is the worker's. It is connected with the line's number: the worker has opened the ring before. */
export class HostLine extends LinkLine {
  private readonly outside: Outside;

  constructor(kernel: Kernel, home: Home, outside: Outside) {
    super(kernel, home, hostText(outside));
    this.outside = outside;
  }

  connect(line: number, _end: "a" | "b", bell: Bell): void {
    this.open(new HostChannel(this.outside, line), bell);
  }
}
