import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { counted } from "../../supervisors/intensity.ts";

const restartsAt = (timesMs: readonly number[], withinMs: number): number[] => {
  const counts: number[] = [];
  let seconds: readonly number[] = [];
  for (const nowMs of timesMs) {
    seconds = counted(seconds, nowMs, withinMs);
    counts.push(seconds.length);
  }
  return counts;
};

describe("intensity", () => {
  test("intensity: seconds are whole, and both ends of the window count", () => {
    expect(restartsAt([600, 2100], 1000)).toEqual([1, 1]);
    expect(restartsAt([100, 1999], 1000)).toEqual([1, 2]);
    expect(restartsAt([0, 5999], 5000)).toEqual([1, 2]);
    expect(restartsAt([0, 6000], 5000)).toEqual([1, 1]);
  });

  test("intensity: a part of a second in the window's length is nothing", () => {
    expect(restartsAt([0, 2000], 1999)).toEqual([1, 1]);
    expect(restartsAt([0, 1000], 1999)).toEqual([1, 2]);
  });

  test("intensity: as many as lie within the window by its definition", () => {
    const times = fc.array(fc.nat(3000), { maxLength: 40 }).map((gaps) => {
      let nowMs = 0;
      return gaps.map((gap) => (nowMs += gap));
    });
    fc.assert(
      fc.property(times, fc.integer({ min: 1000, max: 9000 }), (timesMs, withinMs) => {
        const period = Math.floor(withinMs / 1000);
        const expected = timesMs.map((now, i) => {
          const second = Math.floor(now / 1000);
          return timesMs.slice(0, i + 1).filter((at) => Math.floor(at / 1000) >= second - period).length;
        });
        expect(restartsAt(timesMs, withinMs)).toEqual(expected);
      }),
    );
  });
});
