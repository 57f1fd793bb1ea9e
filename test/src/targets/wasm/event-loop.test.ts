/** The event loop of a VM in WebAssembly: what runs at a step, in which order, and when the next one is due. */
import { describe, expect, test } from "vitest";
import { EventLoop } from "../../../../src/targets/wasm/event-loop.ts";

function loopAt(startMs = 0): { loop: EventLoop; ran: string[]; failed: unknown[]; clock: { ms: number } } {
  const clock = { ms: startMs };
  const failed: unknown[] = [];
  const loop = new EventLoop(
    () => clock.ms,
    (problem) => void failed.push(problem),
  );
  return { loop, ran: [], failed, clock };
}

describe("wasm event loop", () => {
  test("timers run when they are due, the earlier first, and it says when the next one is", () => {
    const { loop, ran, clock } = loopAt();
    loop.timer(() => ran.push("late"), 30, false);
    loop.timer(() => ran.push("early"), 10, false);
    expect(loop.step()).toBe(10);
    clock.ms = 9;
    expect(loop.step()).toBe(1);
    expect(ran).toEqual([]);
    clock.ms = 40;
    expect(loop.step()).toBe(-1);
    expect(ran).toEqual(["early", "late"]);
  });

  test("what a callback adds waits for the next step; immediates make that soon", () => {
    const { loop, ran } = loopAt();
    loop.immediate(() => {
      ran.push("first");
      loop.immediate(() => ran.push("second"));
    });
    expect(loop.step()).toBe(0);
    expect(ran).toEqual(["first"]);
    expect(loop.step()).toBe(-1);
    expect(ran).toEqual(["first", "second"]);
  });

  test("an interval repeats until it is cleared, also by itself", () => {
    const { loop, ran, clock } = loopAt();
    const id = loop.timer(
      () => {
        ran.push("tick");
        if (ran.length === 3) loop.clear(id);
      },
      5,
      true,
    );
    for (clock.ms = 0; clock.ms <= 50; clock.ms += 5) loop.step();
    expect(ran).toEqual(["tick", "tick", "tick"]);
    expect(loop.step()).toBe(-1);
  });

  test("what is cleared before it runs does not run: timers, immediates, and in the same step", () => {
    const { loop, ran, clock } = loopAt();
    loop.clear(loop.timer(() => ran.push("timer"), 1, false));
    loop.clear(loop.immediate(() => ran.push("immediate")));
    const later = { id: 0 };
    loop.timer(() => loop.clear(later.id), 1, false);
    later.id = loop.timer(() => ran.push("later"), 2, false);
    clock.ms = 5;
    expect(loop.step()).toBe(-1);
    expect(ran).toEqual([]);
    loop.clear("nonsense");
  });

  test("a callback that throws is told of, and the others run", () => {
    const { loop, ran, failed, clock } = loopAt();
    loop.timer(
      () => {
        throw new Error("a bug");
      },
      1,
      false,
    );
    loop.timer(() => ran.push("next"), 2, false);
    clock.ms = 2;
    loop.step();
    expect(failed).toEqual([new Error("a bug")]);
    expect(ran).toEqual(["next"]);
  });
});
