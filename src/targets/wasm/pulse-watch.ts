import type { Pulse } from "./pulse.ts";

const periodMs = 500;

/**
 * Notices, in the host, a worker whose thread is in the same place for too long: no beat, and it is somebody's turn. It says so once, and
 * ends nothing itself. Time in which the host stood still, too, does not count.
 */
export class PulseWatch {
  private readonly pulse: Pulse;
  private readonly patienceMs: (vm: number) => number;
  private readonly stalled: (vm: number) => void;
  private timer: NodeJS.Timeout | undefined = undefined;
  private beats = 0;
  private seenAtMs = 0;
  private lookedAtMs = 0;

  /** `patienceMs`: how long it may be that VM's turn without a beat. `stalled` hears whose turn it was for longer. */
  constructor(pulse: Pulse, patienceMs: (vm: number) => number, stalled: (vm: number) => void) {
    this.pulse = pulse;
    this.patienceMs = patienceMs;
    this.stalled = stalled;
  }

  start(): void {
    if (this.timer !== undefined) return;
    this.excuse();
    this.timer = setInterval(() => this.look(), periodMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** What was until now does not count. */
  excuse(): void {
    this.lookedAtMs = performance.now();
    this.seenAtMs = this.lookedAtMs;
  }

  private look(): void {
    const { pulse, lookedAtMs } = this;
    const { vm, beats } = pulse;
    const nowMs = performance.now();
    this.lookedAtMs = nowMs;
    if (vm === 0 || beats !== this.beats || nowMs - lookedAtMs > 2 * periodMs) {
      this.beats = beats;
      this.seenAtMs = nowMs;
    } else if (nowMs - this.seenAtMs > this.patienceMs(vm)) {
      this.stop();
      this.stalled(vm);
    }
  }
}
