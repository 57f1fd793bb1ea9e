import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Rounds } from "../../../src/host/rounds.ts";
import { Watchdog } from "../../../src/host/watchdog.ts";
import { Board } from "../../../src/targets/board.ts";

describe("watchdog", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  function watched(limitMs: number): {
    readonly board: Board;
    readonly wedged: () => number;
    readonly poked: () => boolean;
    readonly dog: Watchdog;
  } {
    const board = Board.create(2);
    const door = board.doorbell(1);
    let times = 0;
    const dog = new Watchdog(new Rounds(), board, 1, limitMs, () => void times++);
    door.arm();
    const poked = (): boolean => door.wait(() => {});
    return { board, wedged: () => times, poked, dog };
  }

  test("watchdog: a VM that turns is left alone, and not poked", () => {
    const { board, wedged, poked, dog } = watched(400);
    for (let n = 0; n < 50; n++) {
      vi.advanceTimersByTime(100);
      board.turned(1);
    }
    expect([wedged(), poked()]).toEqual([0, false]);
    board.doorbell(1).ring();
    dog.stop();
  });

  test("watchdog: a quiet VM is poked at half time, and wedged once when it does not show itself", () => {
    const { wedged, poked, dog } = watched(400);
    vi.advanceTimersByTime(300);
    expect([wedged(), poked()]).toEqual([0, true]);
    vi.advanceTimersByTime(2000);
    expect(wedged()).toBe(1);
    dog.stop();
  });

  test("watchdog: one that answers the poke goes on, for ever", () => {
    const { board, wedged, poked, dog } = watched(400);
    for (let n = 0; n < 100; n++) {
      vi.advanceTimersByTime(100);
      if (!poked()) continue;
      board.turned(1);
      board.doorbell(1).arm();
    }
    expect(wedged()).toBe(0);
    board.doorbell(1).ring();
    dog.stop();
  });

  test("watchdog: time in which the host itself stood still does not count", () => {
    const { board, wedged, poked, dog } = watched(400);
    vi.advanceTimersByTime(100);
    // The host's thread was busy, or the machine asleep: one late tick.
    const lateMs = performance.now() + 60_000;
    vi.spyOn(performance, "now").mockImplementation(() => lateMs);
    vi.advanceTimersToNextTimer();
    expect(wedged()).toBe(0);
    vi.spyOn(performance, "now").mockImplementation(() => lateMs + 100);
    vi.advanceTimersToNextTimer();
    expect(wedged()).toBe(0);
    board.doorbell(1).ring();
    expect(poked()).toBe(true);
    vi.restoreAllMocks();
    dog.stop();
  });

  test("watchdog: stopped, it says nothing more", () => {
    const { wedged, dog } = watched(400);
    vi.advanceTimersByTime(300);
    dog.stop();
    vi.advanceTimersByTime(5000);
    expect([wedged(), vi.getTimerCount()]).toEqual([0, 0]);
  });
});
