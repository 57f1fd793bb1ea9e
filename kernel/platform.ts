import type { Carrier } from "./carrier.ts";
import type { KernelEvent } from "./event.ts";
import type { ExitReason } from "./exit.ts";
import type { Home } from "./ref.ts";

declare global {
  /** The platform's own `AbortSignal`: this declaration merges with the one of Node or the DOM where there is one. */
  interface AbortSignal {
    readonly aborted: boolean;
  }
}

/**
 * What a kernel needs from below. One implementation a target.
 *
 * The kernel is a state machine: the platform calls `Kernel.turn`, and the kernel answers when it wants the next turn. The
 * kernel sets no timer and waits for nothing by itself. None of these methods may call back into the kernel.
 */
export interface Platform {
  /** A monotonic clock in ms; fractions are welcome. It may jump forward, never back. */
  now(): number;
  /** The time of day in ms since 1970. */
  timeOfDay(): number;
  /** Something became ready, or was sent, while no turn runs: call `turn` soon. May be called often; coalesce. */
  wake(): void;
  /** Asked now and then within a turn: true when other work (I/O, carriers) should have a chance. */
  sliceOver(): boolean;
  /** A random number in [0, 1). Seeded in the simulator. */
  random(): number;
  /** What an operator may want to know: crashes, dead letters. Must not throw. */
  report(event: KernelEvent): void;
  /** The first signal to another VM: a carrier that queues until it is connected. Undefined: there is no such VM. */
  connect(home: Home): Carrier | undefined;
  /** A fresh abort controller, for `self.signal`. */
  abortController(): AbortControl;
  /** The root actor has ended, and with it this VM. Called once, within a turn; what was sent before must still go out. */
  halt(reason: ExitReason): void;
}

export interface AbortControl {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
