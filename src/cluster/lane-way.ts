import { limits, type ExitReason } from "../../kernel/index.ts";
import type { Lane } from "../../transports/index.ts";
import type { BridgeChannel } from "../host/bridge.ts";
import type { FarWay } from "../host/wiring.ts";
import { closeReasonOf, exitReasonOf } from "./close-reason.ts";
import type { LaneBuffers } from "./lane-buffers.ts";
import { LanePacker, LaneUnpacker } from "./lane-stream.ts";

/**
 * A lane for whoever polls it: a bridge, or a line of the host's own VM. That the other side has closed it is not an error here, as
 * it is with a ring, but the end of a VM or of a link: `gone` hears of it once, from the event loop, and all that had come in can
 * still be read. Owns the lane, and packs records into those of the lane.
 */
export class LaneWay implements FarWay, BridgeChannel {
  /** It never fails by its end: that is told by `gone`. */
  readonly ended = false;
  readonly maxRecordBytes: number = limits.farRecordBytesMax;
  opened: () => void = () => {};
  gone: (reason: ExitReason) => void = () => {};
  private readonly lane: Lane;
  private readonly outgoing: LanePacker;
  private readonly incoming: LaneUnpacker;
  private readonly wakeReader: () => void;
  private state: "asking" | "open" | "leaving" | "telling" | "over";
  private leavingFor: ExitReason = "normal";

  /** `wake`: there is something to do for whoever polls it. */
  constructor(lane: Lane, wake: () => void, buffers: LaneBuffers) {
    this.lane = lane;
    this.outgoing = new LanePacker(lane, buffers);
    this.incoming = new LaneUnpacker(lane, buffers);
    this.wakeReader = wake;
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
    return this.lane.state === "closed" || this.outgoing.add(bytes, length);
  }

  read(target: Uint8Array): number {
    const length = this.incoming.read(target);
    if (length < 0) this.look();
    return length;
  }

  publish(): boolean {
    if (this.lane.state !== "closed") this.outgoing.flush();
    this.lane.publish();
    return false;
  }

  get waiting(): boolean {
    return this.incoming.waiting;
  }

  prepareSleep(bytesToWrite: number, reads: boolean = true): boolean {
    this.look();
    if (bytesToWrite >= 0 && this.lane.state === "open" && this.outgoing.hasRoom) return false;
    if (reads && this.incoming.waiting) return false;
    // Whoever hears that it is closed goes on from there.
    if (this.lane.state === "closed") return true;
    // Whoever was refused waits for what was taken before.
    return this.lane.prepareSleep(this.outgoing.nextBytes, reads);
  }

  awake(): void {
    this.lane.awake();
  }

  /** The VM of this side has ended. What it had said goes first, when there is room for it. */
  leave(reason: ExitReason): void {
    if (this.state === "telling" || this.state === "over") return;
    this.leavingFor = reason;
    this.state = "leaving";
    this.goOnLeaving();
  }

  /** Something broke on this side: the way is lost to both. */
  close(): void {
    this.lane.close();
    this.look();
  }

  private risen(): void {
    if (this.state === "leaving") return this.goOnLeaving();
    if (this.state === "asking" && this.lane.state === "open") {
      this.state = "open";
      this.opened();
    }
    this.look();
    this.wakeReader();
  }

  private goOnLeaving(): void {
    this.publish();
    // A lane that has gone meanwhile, or was never open, takes no last words.
    const waits = this.lane.state === "open" && this.outgoing.bytes > 0;
    if (waits && this.lane.prepareSleep(this.outgoing.nextBytes, false)) return;
    if (waits) return this.goOnLeaving();
    this.state = "over";
    this.lane.close(closeReasonOf(this.leavingFor));
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
