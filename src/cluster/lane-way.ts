import type { ExitReason } from "../../kernel/index.ts";
import type { Lane } from "../../transports/index.ts";
import type { BridgeChannel } from "../host/bridge.ts";
import type { FarWay } from "../host/wiring.ts";
import { closeReasonOf, exitReasonOf } from "./close-reason.ts";

/**
 * A lane for whoever polls it: a bridge, or a line of the host's own VM. That the other side has closed it is not an error here, as
 * it is with a ring, but the end of a VM or of a link: `gone` hears of it once, from the event loop, and all that had come in can
 * still be read. Owns the lane.
 */
export class LaneWay implements FarWay, BridgeChannel {
  /** It never fails by its end: that is told by `gone`. */
  readonly ended = false;
  readonly maxRecordBytes: number;
  opened: () => void = () => {};
  gone: (reason: ExitReason) => void = () => {};
  private readonly lane: Lane;
  private readonly wakeReader: () => void;
  private state: "asking" | "open" | "telling" | "over";

  /** `wake`: there is something to do for whoever polls it. */
  constructor(lane: Lane, wake: () => void) {
    this.lane = lane;
    this.wakeReader = wake;
    this.maxRecordBytes = lane.maxRecordBytes;
    this.state = lane.state === "asking" ? "asking" : "open";
    lane.wake = () => this.risen();
    // Not for what it asks, but for the answer: it is woken when the other side has said yes.
    if (this.state === "asking") lane.prepareSleep(0);
  }

  get channel(): BridgeChannel {
    return this;
  }

  /** To whom there is no lane any more, all goes: nobody waits for it. */
  write(bytes: Uint8Array, length: number): boolean {
    return this.lane.state === "closed" || this.lane.write(bytes, length);
  }

  read(target: Uint8Array): number {
    const length = this.lane.read(target);
    if (length < 0) this.look();
    return length;
  }

  publish(): boolean {
    this.lane.publish();
    return false;
  }

  get waiting(): boolean {
    return this.lane.waiting;
  }

  prepareSleep(bytesToWrite: number, reads: boolean = true): boolean {
    this.look();
    // Whoever hears that it is closed goes on from there.
    if (this.lane.state === "closed") return !(reads && this.lane.waiting);
    return this.lane.prepareSleep(bytesToWrite, reads);
  }

  awake(): void {
    this.lane.awake();
  }

  /** The VM of this side has ended. */
  leave(reason: ExitReason): void {
    this.state = "over";
    this.lane.close(closeReasonOf(reason));
  }

  /** Something broke on this side: the way is lost to both. */
  close(): void {
    this.lane.close();
    this.look();
  }

  private risen(): void {
    if (this.state === "asking" && this.lane.state === "open") {
      this.state = "open";
      this.opened();
    }
    this.look();
    this.wakeReader();
  }

  private look(): void {
    if (this.lane.state !== "closed" || this.state === "telling" || this.state === "over") return;
    this.state = "telling";
    setImmediate(() => {
      if (this.state !== "telling") return;
      this.state = "over";
      this.gone(exitReasonOf(this.lane.closeReason));
    });
  }
}
