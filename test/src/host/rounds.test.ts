import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Rounds } from "../../../src/host/rounds.ts";

describe("rounds", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("rounds: a thousand that are looked at as often have one timer, and the last one to leave takes it along", () => {
    const rounds = new Rounds();
    let looks = 0;
    const leaves = Array.from({ length: 1000 }, () => rounds.join(100, () => void looks++));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(300);
    expect(looks).toBe(3000);
    for (const leave of leaves) leave();
    expect(vi.getTimerCount()).toBe(0);
    for (const leave of leaves) leave();
  });

  test("rounds: one that leaves in the middle of a round is not looked at any more, and the others are", () => {
    const rounds = new Rounds();
    const looked: string[] = [];
    const leave = rounds.join(100, () => {
      looked.push("a");
      leaveB();
      leave();
    });
    const leaveB = rounds.join(100, () => void looked.push("b"));
    rounds.join(100, () => void looked.push("c"));
    rounds.join(50, () => void looked.push("often"));
    vi.advanceTimersByTime(100);
    expect(looked.sort()).toEqual(["a", "c", "often", "often"]);
    vi.advanceTimersByTime(100);
    expect(looked.filter((each) => each === "a" || each === "b")).toEqual(["a"]);
  });

  test("rounds: whoever joins after all have left has a timer again, and stays when one leaves twice", () => {
    const rounds = new Rounds();
    const leave = rounds.join(100, () => {});
    leave();
    let looks = 0;
    rounds.join(100, () => void looks++);
    leave();
    vi.advanceTimersByTime(100);
    expect(looks).toBe(1);
  });

  test("rounds: after a time in which nothing ran at all, a round is late", () => {
    const rounds = new Rounds();
    const lates: boolean[] = [];
    rounds.join(100, (_nowMs, late) => void lates.push(late));
    vi.advanceTimersByTime(100);
    const at = performance.now() + 60_000;
    vi.spyOn(performance, "now").mockImplementation(() => at);
    vi.advanceTimersToNextTimer();
    expect(lates).toEqual([false, true]);
    vi.restoreAllMocks();
  });
});
