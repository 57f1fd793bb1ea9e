import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Timer, Timers } from "../../kernel/timers.ts";

class Fired extends Timer {
  private readonly act: () => void;
  constructor(act: () => void) {
    super();
    this.act = act;
  }
  override expired(): void {
    this.act();
  }
}

describe("timers", () => {
  test("timers: fire at their time and not before, in order of time", () => {
    const timers = new Timers();
    const fired: number[] = [];
    for (const ms of [30, 10, 20]) timers.set(new Fired(() => fired.push(ms)), 0, ms);
    expect(timers.nextAtMs).toBe(10);
    timers.fire(9.9);
    expect(fired).toEqual([]);
    timers.fire(20);
    expect(fired).toEqual([10, 20]);
    expect(timers.nextAtMs).toBe(30);
    timers.fire(1000);
    expect(fired).toEqual([10, 20, 30]);
    expect(timers).toMatchObject({ size: 0, nextAtMs: Infinity });
  });

  test("timers: those due at one time fire in the order they were set, whatever their durations", () => {
    const timers = new Timers();
    const fired: string[] = [];
    timers.set(new Fired(() => fired.push("a")), 0, 10);
    timers.set(new Fired(() => fired.push("b")), 5, 5);
    timers.set(new Fired(() => fired.push("c")), 5, 5);
    timers.set(new Fired(() => fired.push("d")), 8, 2);
    timers.fire(10);
    expect(fired).toEqual(["a", "b", "c", "d"]);
  });

  test("timers: one that is cancelled by another that fires does not fire", () => {
    const timers = new Timers();
    const fired: string[] = [];
    const second = new Fired(() => fired.push("second"));
    timers.set(new Fired(() => expect(timers.cancel(second)).toBe(true)), 0, 1);
    timers.set(second, 0, 1);
    timers.fire(1);
    expect(fired).toEqual([]);
    expect(timers.cancel(second)).toBe(false);
    expect(timers.size).toBe(0);
  });

  test("timers: one set while others fire waits for the next call, also with a duration of 0", () => {
    const timers = new Timers();
    let rounds = 0;
    const again = new Fired(() => {
      rounds++;
      timers.set(again, 5, 0);
    });
    timers.set(again, 5, 0);
    timers.fire(5);
    expect(rounds).toBe(1);
    timers.fire(5);
    expect(rounds).toBe(2);
  });

  test("timers: setting a pending one moves it", () => {
    const timers = new Timers();
    const fired: number[] = [];
    const timer = new Fired(() => fired.push(1));
    timers.set(timer, 0, 10);
    timers.set(timer, 5, 10);
    timers.fire(14);
    expect(fired).toEqual([]);
    timers.fire(15);
    expect(fired).toEqual([1]);
  });

  test("timers: a time that is over is now, and what is no number is refused before anything has changed", () => {
    const timers = new Timers();
    const fired: number[] = [];
    timers.set(new Fired(() => fired.push(1)), 100, -5);
    expect(timers.nextAtMs).toBe(100);
    expect(() => timers.set(new Fired(() => {}), 100, Number.NaN)).toThrow(
      expect.objectContaining({ code: "BAD_OPTION" }),
    );
    expect(() => timers.set(new Fired(() => {}), 100, "5" as unknown as number)).toThrow("duration");
    timers.fire(100);
    expect(fired).toEqual([1]);
    expect(timers.size).toBe(0);
  });

  test("timers: any run of set, cancel, move and fire does what a sorted array does", () => {
    const step = fc.record({
      what: fc.constantFrom("set", "set", "set", "cancel", "fire"),
      which: fc.nat(9),
      ms: fc.constantFrom(0, 1, 2, 5, 5, 5, 10, 2.5),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const timers = new Timers();
        const fired: number[] = [];
        const all = Array.from({ length: 10 }, (_, i) => new Fired(() => fired.push(i)));
        let model: { readonly i: number; readonly at: number }[] = [];
        const expected: number[] = [];
        let now = 0;
        for (const { what, which, ms } of steps) {
          const timer = all[which] as Fired;
          const known = model.some(({ i }) => i === which);
          if (what === "cancel") expect(timers.cancel(timer)).toBe(known);
          if (what !== "fire") model = model.filter(({ i }) => i !== which);
          if (what === "set") {
            timers.set(timer, now, ms);
            model.push({ i: which, at: now + ms });
          }
          if (what === "fire") {
            now += ms;
            timers.fire(now);
            // Stable: equal times keep the order of setting.
            const sorted = model.toSorted((a, b) => a.at - b.at);
            expected.push(...sorted.filter(({ at }) => at <= now).map(({ i }) => i));
            model = model.filter(({ at }) => at > now);
          }
          expect(timers.size).toBe(model.length);
          expect(timers.nextAtMs).toBe(Math.min(Infinity, ...model.map(({ at }) => at)));
          expect(timer.pending).toBe(model.some(({ i }) => i === which));
        }
        expect(fired).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
