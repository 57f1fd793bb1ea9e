import { type Home, type Kernel, MotesError } from "../../../kernel/index.ts";
import type { Bell } from "../doorbell.ts";
import { LinkLine, type SleepyChannel } from "../link-line.ts";
import { hostText } from "./host-text.ts";
import type { Outside } from "./outside.ts";

/** A channel whose ring its worker holds: bytes are copied between the ring and this VM's memory, and nowhere else. */
class HostChannel implements SleepyChannel {
  readonly maxRecordBytes: number;
  ended = false;
  private readonly outside: Outside;
  private readonly peer: number;

  constructor(outside: Outside, peer: number) {
    this.outside = outside;
    this.peer = peer;
    this.maxRecordBytes = outside.maxRecordBytes(peer);
  }

  write(bytes: Uint8Array, length: number): boolean {
    const wrote = this.outside.write(this.peer, bytes.slice(0, length).buffer);
    if (wrote < 0) throw this.problem();
    return wrote === 1;
  }

  read(target: Uint8Array): number {
    const record = this.outside.read(this.peer);
    if (typeof record === "object") {
      target.set(new Uint8Array(record));
      return record.byteLength;
    }
    if (record === -3) throw this.problem();
    this.ended = record === -2;
    return -1;
  }

  publish(): boolean {
    return this.outside.publish(this.peer);
  }

  get waiting(): boolean {
    return this.outside.waiting(this.peer);
  }

  prepareSleep(bytesToWrite: number): boolean {
    return this.outside.prepareSleep(this.peer, bytesToWrite);
  }

  awake(): void {
    this.outside.awake(this.peer);
  }

  close(): void {
    this.outside.close(this.peer);
  }

  private problem(): MotesError {
    return new MotesError("RING_CORRUPT", this.outside.problem(this.peer), { peer: this.peer });
  }
}

/** A line whose ring is the worker's. It is connected with the peer's number: the worker has opened the ring before. */
export class HostLine extends LinkLine {
  private readonly outside: Outside;

  constructor(kernel: Kernel, home: Home, outside: Outside) {
    super(kernel, home, hostText(outside));
    this.outside = outside;
  }

  connect(peer: number, _end: "a" | "b", bell: Bell): void {
    this.open(new HostChannel(this.outside, peer), bell);
  }
}
