import { isMotesError } from "../../../kernel/index.ts";
import type { RingChannel } from "../../../transports/index.ts";
import type { Board } from "../board.ts";
import type { Bell } from "../doorbell.ts";
import { ringChannel } from "../ring-line.ts";

interface Line {
  readonly channel: RingChannel;
  readonly bell: Bell;
  readonly place: number;
  problem: string;
}

/** Holds the record that a VM reads, until it has been copied to that one's memory: one for all VMs of a worker. */
export class RecordBuffer {
  bytes: Uint8Array = new Uint8Array(0);

  reserve(bytes: number): void {
    if (this.bytes.length < bytes) this.bytes = new Uint8Array(bytes);
  }
}

/**
 * The rings of one VM, which its worker reads and writes on its behalf. A VM names a line by the number that it was given, and
 * reaches none but its own: what it asks of another does nothing.
 */
export class WorkerLines {
  private readonly board: Board;
  private readonly lines = new Map<number, Line>();
  private opened = 0;
  private silent = false;
  private readonly records: RecordBuffer;
  private readonly place: number;

  /** `place` is its VM's own. */
  constructor(board: Board, place: number, records: RecordBuffer) {
    this.board = board;
    this.place = place;
    this.records = records;
  }

  /** The line's number: 0 for the first one, which leads to the host. */
  open(memory: SharedArrayBuffer, end: "a" | "b", place: number): number {
    const channel = ringChannel(memory, end);
    this.records.reserve(channel.maxRecordBytes);
    const number = this.opened++;
    this.lines.set(number, { channel, place, bell: this.board.doorbell(place, this.place), problem: "" });
    return number;
  }

  /** Nothing more goes out: what a VM still says after its last word is not heard. */
  silence(): void {
    this.silent = true;
  }

  /** Only bells of VMs to which there is a line. */
  ring(place: number): void {
    for (const line of this.lines.values()) if (line.place === place) return line.bell.ring();
  }

  write(line: number, record: Uint8Array): number {
    return this.attempt(line, (channel) => {
      if (record.length > channel.maxRecordBytes) throw new RangeError("a record longer than the ring takes");
      if (this.silent) return 0;
      return channel.write(record, record.length) ? 1 : 0;
    });
  }

  /** A view of the next record, until the next read; else -1, -2 or -3, as in `Outside`. */
  read(line: number): Uint8Array | number {
    const length = this.attempt(
      line,
      (channel) => {
        const got = channel.read(this.records.bytes);
        return got < 0 && channel.ended ? -2 : got;
      },
      -3,
    );
    return length < 0 ? length : this.records.bytes.subarray(0, length);
  }

  publish(line: number): boolean {
    return !this.silent && this.attempt(line, (channel) => (channel.publish() ? 1 : 0)) === 1;
  }

  waiting(line: number): boolean {
    return this.lines.get(line)?.channel.waiting === true;
  }

  /** A line with a problem is there to be looked at again. */
  prepareSleep(line: number, bytesToWrite: number): boolean {
    return this.attempt(line, (channel) => (channel.prepareSleep(bytesToWrite) ? 1 : 0)) === 1;
  }

  awake(line: number): void {
    this.lines.get(line)?.channel.awake();
  }

  close(line: number): void {
    this.lines.get(line)?.channel.close();
    this.lines.delete(line);
  }

  maxRecordBytes(line: number): number {
    return this.lines.get(line)?.channel.maxRecordBytes ?? 0;
  }

  problem(line: number): string {
    return this.lines.get(line)?.problem ?? "there is no such line";
  }

  private attempt(line: number, ask: (channel: RingChannel) => number, failed = -1): number {
    const found = this.lines.get(line);
    if (found === undefined) return failed;
    try {
      return ask(found.channel);
    } catch (problem) {
      if (!isMotesError(problem) && !(problem instanceof RangeError)) throw problem;
      found.problem = problem.message;
      return failed;
    }
  }
}
