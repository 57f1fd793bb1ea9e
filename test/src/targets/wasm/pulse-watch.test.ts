/** How a host notices that a worker's thread is in one place for too long. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pulse } from "../../../../src/targets/wasm/pulse.ts";
import { PulseWatch } from "../../../../src/targets/wasm/pulse-watch.ts";

const patienceMs = 2000;

describe("pulse watch", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  function watched(): {
    readonly worker: Pulse;
    readonly watch: PulseWatch;
    readonly stalled: readonly number[];
  } {
    const pulse = new Pulse();
    const stalled: number[] = [];
    const watch = new PulseWatch(
      pulse,
      (vm) => vm * patienceMs,
      (vm) => void stalled.push(vm),
    );
    watch.start();
    return { worker: new Pulse(pulse.memory), watch, stalled };
  }

  test("pulse watch: a thread that is nobody's may rest, and one that beats may compute for as long as it likes", () => {
    const { worker, watch, stalled } = watched();
    vi.advanceTimersByTime(60_000);
    worker.enter(1);
    for (let n = 0; n < 60; n++) {
      vi.advanceTimersByTime(1000);
      worker.beat();
    }
    worker.leave();
    vi.advanceTimersByTime(60_000);
    expect(stalled).toEqual([]);
    watch.stop();
  });

  test("pulse watch: without a beat it says once whose turn it is, when that one's patience is over", () => {
    const { worker, stalled } = watched();
    worker.enter(3);
    vi.advanceTimersByTime(3 * patienceMs);
    expect(stalled).toEqual([]);
    vi.advanceTimersByTime(patienceMs);
    expect([stalled, vi.getTimerCount()]).toEqual([[3], 0]);
  });

  test("pulse watch: time before an excuse does not count, nor does time in which the host stood still", () => {
    const { worker, watch, stalled } = watched();
    worker.enter(1);
    vi.advanceTimersByTime(patienceMs);
    watch.excuse();
    vi.advanceTimersByTime(patienceMs);
    expect(stalled).toEqual([]);
    const lateMs = performance.now() + 60_000;
    vi.spyOn(performance, "now").mockImplementation(() => lateMs);
    vi.advanceTimersToNextTimer();
    expect(stalled).toEqual([]);
    vi.restoreAllMocks();
    watch.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
