import {
  Kernel,
  type Carrier,
  type Home,
  type KernelEvent,
  type Platform,
  type ExitReason,
} from "../../kernel/index.ts";

/** A kernel on virtual time for one test: time moves only by `advance`, and events are kept. */
export class TestPlatform implements Platform {
  nowMs = 0;
  readonly events: KernelEvent[] = [];
  halted: ExitReason | undefined = undefined;
  wakes = 0;
  connectTo: (home: Home) => Carrier | undefined = () => undefined;

  now(): number {
    return this.nowMs;
  }
  timeOfDay(): number {
    return 1_700_000_000_000 + this.nowMs;
  }
  wake(): void {
    this.wakes++;
  }
  sliceOver(): boolean {
    return false;
  }
  random(): number {
    return 0.5;
  }
  report(event: KernelEvent): void {
    this.events.push(event);
  }
  connect(home: Home): Carrier | undefined {
    return this.connectTo(home);
  }
  abortController(): AbortController {
    return new AbortController();
  }
  halt(reason: ExitReason): void {
    this.halted = reason;
  }
}

export interface TestKernel {
  readonly kernel: Kernel;
  readonly platform: TestPlatform;
  /** Turns, and lets promises go on, until nothing is ready; then moves time by `ms`, firing timers in order. */
  settle(): Promise<void>;
  advance(ms: number): Promise<void>;
}

export function testKernel(vm = 1, development = true): TestKernel {
  const platform = new TestPlatform();
  const kernel = new Kernel(platform, { vm, development });
  // A promise chain of a handler is a few microtasks long; each round lets one whole macrotask of them through.
  const settle = async (): Promise<void> => {
    for (let quiet = 0; quiet < 2; ) {
      const { wakes } = platform;
      const next = kernel.turn();
      await new Promise((resolve) => setImmediate(resolve));
      quiet = next === 0 || platform.wakes !== wakes ? 0 : quiet + 1;
    }
  };
  const advance = async (ms: number): Promise<void> => {
    const until = platform.nowMs + ms;
    await settle();
    for (let next = kernel.timers.nextAtMs; next <= until; next = kernel.timers.nextAtMs) {
      platform.nowMs = next;
      await settle();
    }
    platform.nowMs = until;
    await settle();
  };
  return { kernel, platform, settle, advance };
}
