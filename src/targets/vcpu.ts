import {
  Kernel,
  type AbortControl,
  type Carrier,
  type ExitReason,
  type Home,
  type KernelEvent,
  type MotesError,
  type Platform,
} from "../../kernel/index.ts";
import type { Board } from "./board.ts";
import type { Bell } from "./doorbell.ts";
import type { Line, Pump } from "./line.ts";
import { LineSet, type Parkable } from "./line-set.ts";
import { Spin } from "./spin.ts";

/** How long it runs before the event loop has its turn, in ms. */
const sliceMs = 1;
const roundsPerClock = 16;

/** What a vCPU needs of the board. */
export type VcpuBoard = Pick<Board, "doorbell" | "turned" | "setAwake" | "awakeVms"> & {
  /** Calls `rouse` with each parked line that has something. None: nothing is parked. */
  readonly rouseMarked?: (rouse: (line: Parkable) => void) => void;
  /** There may be one. */
  readonly hasMarked?: () => boolean;
};

export interface VcpuOptions {
  readonly vm: number;
  readonly development: boolean;
  readonly board: VcpuBoard;
  /** Its place on the board. */
  readonly place: number;
  /** VMs that may be awake before nobody spins; 0 to never spin here. */
  readonly cores: number;
  report(event: KernelEvent): void;
  /** The first signal to a VM without a line. */
  connect(home: Home): Carrier | undefined;
  /** The line to a VM broke, and it is lost to this one. It may still run: whoever owns it decides. */
  lost(home: Home, why: MotesError): void;
  /** The root has ended and all that was sent is out. */
  halted(reason: ExitReason): void;
}

/**
 * One vCPU on a JavaScript event loop: turns the kernel, carries frames between it and its lines, spins briefly when there is
 * nothing to do, then sleeps until its doorbell, a timer, or something in the event loop wakes it.
 */
export class Vcpu implements Platform {
  readonly kernel: Kernel;
  private readonly options: VcpuOptions;
  private readonly doorbell: Bell;
  private readonly spin: Spin;
  private readonly lines = new Map<Home, Line>();
  private readonly polled = new LineSet();
  /** Its board marks lines that are parked. */
  private readonly parks: boolean;
  private state: "idle" | "due" | "running" | "asleep" | "stopped" = "idle";
  private sliceEndsAtMs = 0;
  private timer: NodeJS.Timeout | undefined = undefined;
  private haltReason: ExitReason | undefined = undefined;
  /** After its turn there is something for the kernel to do again: it must not sleep. */
  private stirred = false;
  private readonly arrived = (): boolean => this.polled.waiting || this.hasMarked();
  private readonly lost = (pump: Pump): void => {
    if (pump.broken !== undefined) this.lose(pump, pump.broken);
  };
  private readonly rouse = (line: Parkable): void => this.polled.rouse(line);

  constructor(options: VcpuOptions) {
    this.options = options;
    this.parks = options.board.rouseMarked !== undefined;
    this.doorbell = options.board.doorbell(options.place);
    this.spin = new Spin(() => performance.now());
    this.kernel = new Kernel(this, { vm: options.vm, development: options.development });
  }

  now(): number {
    return performance.now();
  }

  timeOfDay(): number {
    return Date.now();
  }

  random(): number {
    return Math.random();
  }

  sliceOver(): boolean {
    return performance.now() >= this.sliceEndsAtMs;
  }

  report(event: KernelEvent): void {
    this.options.report(event);
  }

  connect(home: Home): Carrier | undefined {
    return this.options.connect(home);
  }

  abortController(): AbortControl {
    return new AbortController();
  }

  halt(reason: ExitReason): void {
    this.haltReason = reason;
  }

  wake(): void {
    this.stirred = true;
    if (this.state !== "idle" && this.state !== "asleep") return;
    const wasAsleep = this.state === "asleep";
    this.state = "due";
    if (wasAsleep) this.rise();
    queueMicrotask(this.run);
  }

  /** `parkable`: the board marks it when it has something. */
  attach(home: Home, line: Line, parkable?: Parkable): void {
    if (home.lost) return line.close();
    const before = this.lines.get(home);
    if (before !== undefined) this.polled.delete(before);
    this.lines.set(home, line);
    this.polled.add(line, parkable);
    home.carrier = line.carrier;
    this.wake();
  }

  /** Keeps it moving, though it leads to no actor here, until it is broken or taken away. */
  carry(pump: Pump): void {
    this.polled.add(pump);
    this.wake();
  }

  drop(pump: Pump): void {
    this.polled.delete(pump);
  }

  line(home: Home): Line | undefined {
    return this.lines.get(home);
  }

  /** The VM behind it is gone: what it has still said is heard first, then that it is gone. */
  detach(home: Home, reason: ExitReason): void {
    const line = this.lines.get(home);
    this.lines.delete(home);
    if (line !== undefined) {
      this.polled.delete(line);
      line.drain();
      line.close();
    }
    this.kernel.peers.lost(home, reason);
    this.wake();
  }

  /** Looks at once for what has come, and does it: for who does not leave that to the event loop. */
  step(): void {
    if (this.state === "asleep") this.woken();
    else this.run();
  }

  /** Ends the loop; lets go of everything that would wake it. */
  stop(): void {
    if (this.state === "stopped") return;
    if (this.state === "asleep") this.rise();
    this.state = "stopped";
    this.options.board.setAwake(this.options.place, false);
    // The lines stay open: a closed one means a broken one, and the peers shall hear from the host why this VM has ended.
    this.lines.clear();
    this.polled.clear();
    // So that a wait that was left behind does not outlive the loop.
    this.doorbell.ring();
  }

  private readonly run = (): void => {
    if (this.state !== "due") return;
    this.state = "running";
    const { kernel, options } = this;
    this.sliceEndsAtMs = performance.now() + sliceMs;
    for (let round = 0; ; round++) {
      if (round % roundsPerClock === 0) {
        options.board.turned(options.place);
        if (round > 0 && this.sliceOver()) return this.soon();
      }
      if (this.parks) options.board.rouseMarked?.(this.rouse);
      const got = this.polled.poll(this.lost);
      const next = kernel.turn();
      this.stirred = false;
      // A line that has drained lets actors go on, which this turn has not seen.
      this.polled.flush();
      if (this.haltReason !== undefined && this.polled.flushed) return this.finish(this.haltReason);
      if (kernel.promisesMoved) {
        kernel.promisesMoved = false;
        return this.soon();
      }
      if (next === 0 || this.stirred) {
        if (this.sliceOver()) return this.soon();
      } else if (got === 0 && !this.look()) return this.sleep(next);
    }
  };

  /** Goes on after the event loop had its turn: I/O, promises, messages from the host. */
  private soon(): void {
    this.state = "due";
    setImmediate(this.run);
  }

  private look(): boolean {
    const { cores, board } = this.options;
    return this.spin.until(this.arrived, this.polled.size > 0 && board.awakeVms <= cores);
  }

  private hasMarked(): boolean {
    return this.parks && this.options.board.hasMarked?.() === true;
  }

  /** Whoever has to do with that VM hears `noconnection`; the peer finds its end closed. The other lines go on. */
  private lose(pump: Pump, why: MotesError): void {
    this.polled.delete(pump);
    pump.close();
    pump.wakePeer();
    for (const [home, each] of this.lines) {
      if (each !== pump) continue;
      this.lines.delete(home);
      this.kernel.peers.lost(home, "noconnection");
      this.options.lost(home, why);
    }
  }

  private sleep(nextAtMs: number): void {
    this.state = "asleep";
    this.doorbell.arm();
    if (!this.polled.prepareSleep() || this.hasMarked() || this.doorbell.wait(this.woken)) {
      this.rise();
      return this.soon();
    }
    this.options.board.setAwake(this.options.place, false);
    if (nextAtMs === Infinity) return;
    // Rounded up: a timer of Node that fires early would find nothing due and set itself again.
    const delayMs = Math.min(2 ** 31 - 1, Math.max(0, Math.ceil(nextAtMs - performance.now())));
    this.timer = setTimeout(this.woken, delayMs);
  }

  private readonly woken = (): void => {
    if (this.state !== "asleep") return;
    this.rise();
    this.state = "due";
    this.run();
  };

  private rise(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.polled.awake();
    this.options.board.setAwake(this.options.place, true);
  }

  private finish(reason: ExitReason): void {
    this.stop();
    this.options.halted(reason);
  }
}
