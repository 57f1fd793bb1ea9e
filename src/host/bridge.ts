import { isMotesError, limits, MotesError, type ExitReason } from "../../kernel/index.ts";
import type { Bell } from "../targets/doorbell.ts";
import type { Pump } from "../targets/line.ts";
import type { SleepyChannel } from "../targets/link-line.ts";

/** A ring, or whatever else takes and gives records without waiting. */
export interface BridgeChannel extends SleepyChannel {
  /** `reads`: false while there is no use for new records. */
  prepareSleep(bytesToWrite: number, reads?: boolean): boolean;
}

/** One bank of a bridge: a VM, and the host's end of the way to it. */
export interface Bank {
  readonly channel: BridgeChannel;
  /** Wakes the VM. */
  readonly bell: Pick<Bell, "ring">;
  /** Nothing uses the channel any more. */
  release(): void;
  /** The other VM is gone, and this one can read all that it had said. */
  peerEnded(reason: ExitReason): void;
}

/** What keeps its pumps moving: the host's vCPU. */
export interface Carrying {
  carry(pump: Pump): void;
  drop(pump: Pump): void;
}

/** Where a record is while it crosses: the same for all bridges of a host, since that carries one at a time. As long as the longest. */
export class Crossing {
  bytes: Uint8Array = new Uint8Array(0);

  reserve(bytes: number): void {
    if (this.bytes.length < bytes) this.bytes = new Uint8Array(bytes);
  }
}

/**
 * Carries records between two rings in memories that no VM sees both of: what one writes the other reads, whole and in order. It
 * does not look into them. A reader that is slow is felt by the writer: the bridge holds one record of each direction, and none at rest.
 *
 * It is two pumps, one for each ring. When a ring breaks both are closed, and the VMs lose each other.
 */
export class Bridge {
  private readonly carrying: Carrying;
  private readonly spans: readonly [Span, Span];

  constructor(carrying: Carrying, crossing: Crossing, a: Bank, b: Bank) {
    this.carrying = carrying;
    const [atA, atB] = [new BridgePump(a, crossing), new BridgePump(b, crossing)];
    atA.meets(atB);
    atB.meets(atA);
    this.spans = [
      { bank: a, pump: atA },
      { bank: b, pump: atB },
    ];
    carrying.carry(atA);
    carrying.carry(atB);
  }

  /**
   * The VM of one bank has ended: the other one gets what that had still said, and is told then. `over` is called once nothing of the
   * bridge is left, which is at once if the other VM had ended before.
   */
  end(bank: Bank, reason: ExitReason, over: () => void): void {
    const [gone, left] = this.spans[0].bank === bank ? this.spans : this.spans.toReversed();
    if (gone === undefined || left === undefined) return;
    if (left.pump.ending) {
      // Nobody is left for what it had still to say, nor for the word that it has.
      this.carrying.drop(left.pump);
      this.carrying.drop(gone.pump);
      gone.bank.release();
      return over();
    }
    gone.pump.end(() => {
      this.carrying.drop(gone.pump);
      this.carrying.drop(left.pump);
      left.bank.peerEnded(reason);
      left.bank.release();
      over();
    });
    gone.bank.release();
    this.carrying.carry(gone.pump);
  }
}

interface Span {
  readonly bank: Bank;
  readonly pump: BridgePump;
}

/** The pump at one ring of a bridge: takes its records to the other one. */
class BridgePump implements Pump {
  broken: MotesError | undefined = undefined;
  private readonly channel: BridgeChannel;
  private readonly bell: Pick<Bell, "ring">;
  private readonly crossing: Crossing;
  /** What the other ring had no room for. */
  private held: Uint8Array | undefined = undefined;
  private other: BridgePump | undefined = undefined;
  private open = true;
  /** What its VM had still said when it ended, and what to do when the other one has all of that. */
  private last: { readonly records: Uint8Array[]; readonly carried: () => void } | undefined = undefined;

  constructor({ channel, bell }: Bank, crossing: Crossing) {
    this.channel = channel;
    this.bell = bell;
    this.crossing = crossing;
    crossing.reserve(channel.maxRecordBytes);
  }

  meets(other: BridgePump): void {
    this.other = other;
  }

  poll(): number {
    if (this.last !== undefined) return this.pollLast(this.last);
    let count = this.passHeld();
    for (; this.held === undefined && count < limits.recordsPerPoll; count++) {
      const length = this.read();
      if (length < 0) break;
      const { bytes } = this.crossing;
      if (!this.passOn(bytes, length)) {
        this.held = bytes.slice(0, length);
        break;
      }
    }
    return this.broken === undefined ? count : -1;
  }

  private passHeld(): number {
    const { held } = this;
    if (held === undefined || !this.passOn(held, held.length)) return 0;
    this.held = undefined;
    return 1;
  }

  /** Its VM has ended: takes over what that has still said, and calls back once the other one has it all, or is gone too. */
  end(carried: () => void): void {
    const records = this.held === undefined ? [] : [this.held];
    this.held = undefined;
    for (let length = this.read(); length >= 0; length = this.read())
      records.push(this.crossing.bytes.slice(0, length));
    this.open = false;
    this.broken = undefined;
    this.last = { records, carried };
  }

  /** Its VM has ended, and the other one does not have all of it yet. */
  get ending(): boolean {
    return this.last !== undefined;
  }

  get waiting(): boolean {
    return this.open && this.held === undefined && this.channel.waiting;
  }

  flush(): boolean {
    return this.open && this.attempt(() => this.channel.publish(), false);
  }

  wakePeer(): void {
    this.bell.ring();
  }

  prepareSleep(): boolean {
    if (this.broken !== undefined) return false;
    // The one of a VM that has ended waits for room in the other ring, which says so to its own.
    if (!this.open) return true;
    const bytesToWrite = this.other?.bytesHeld ?? -1;
    return this.attempt(() => this.channel.prepareSleep(bytesToWrite, this.held === undefined), false);
  }

  awake(): void {
    if (this.open) this.channel.awake();
  }

  get flushed(): boolean {
    return this.bytesHeld < 0;
  }

  /** With it the other one: neither VM shall wait for what cannot come. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.channel.close();
    if (this.other?.open === true) this.other.broken ??= this.broken;
  }

  /** What waits for room in the other ring, in bytes; -1: nothing. */
  private get bytesHeld(): number {
    return this.last?.records[0]?.length ?? this.held?.length ?? -1;
  }

  private pollLast({ records, carried }: NonNullable<typeof this.last>): number {
    let count = 0;
    for (let next = records[0]; next !== undefined; next = records[0]) {
      if (!this.passOn(next, next.byteLength)) return count;
      records.shift();
      count++;
    }
    this.last = undefined;
    const { other } = this;
    if (other?.flush() === true) other.wakePeer();
    carried();
    return count;
  }

  private read(): number {
    if (!this.open) return -1;
    return this.attempt(() => {
      const length = this.channel.read(this.crossing.bytes);
      if (length < 0 && this.channel.ended)
        this.broken ??= new MotesError("CARRIER_CLOSED", "the VM has closed its ring", {});
      return length;
    }, -1);
  }

  /** False: no room now. To one that is gone, all goes: nobody waits for it. */
  private passOn(record: Uint8Array, length: number): boolean {
    const { other } = this;
    if (other === undefined || !other.open || other.broken !== undefined) return true;
    return other.attempt(() => other.channel.write(record, length), true);
  }

  /** What its VM does to the words of its ring breaks this bridge, and nothing else. */
  private attempt<T>(act: () => T, failed: T): T {
    try {
      return act();
    } catch (problem) {
      if (!isMotesError(problem)) throw problem;
      this.broken ??= problem;
      return failed;
    }
  }
}
