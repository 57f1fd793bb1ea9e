import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  atFirst,
  scaled,
  type Sample,
  type Scale,
  type Scaling,
} from "../../../supervisors/service/scaler.ts";

const scale: Scale = {
  min: 0,
  max: 10,
  callsPerVm: 10,
  depthPerVm: Infinity,
  latencyMs: Infinity,
  upAfterMs: 100,
  downAfterMs: 1000,
  idleMs: 5000,
};

const quiet: Sample = { atMs: 0, calls: 0, depth: 0, latencyMs: 0, traffic: false };

/** One sample each 100 ms. */
function run(samples: readonly Partial<Sample>[], given: Scale = scale, wanted = 1): readonly number[] {
  let state: Scaling = atFirst(wanted, 0);
  return samples.map((sample, n) => {
    state = scaled(state, { ...quiet, ...sample, atMs: 100 * n }, given);
    return state.wanted;
  });
}

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

describe("scaler", () => {
  test("scaler: a burst gets all the VMs it needs at once, within bounds", () => {
    expect(run([{ calls: 35 }])).toEqual([4]);
    expect(run([{ calls: 3500 }])).toEqual([10]);
  });

  test("scaler: after a change it waits before it wants more", () => {
    const slow = { ...scale, upAfterMs: 250 };
    expect(run([{ calls: 15 }, { calls: 35 }, { calls: 35 }, { calls: 35 }], slow)).toEqual([2, 2, 2, 4]);
  });

  test("scaler: fewer only after a while, and no fewer than the while needed", () => {
    const load = [{ calls: 50 }, ...times(6, { calls: 3 }), { calls: 18 }, ...times(5, { calls: 3 })];
    expect(run(load)).toEqual([...times(11, 5), 3, 3]);
  });

  test("scaler: a load near the border changes nothing", () => {
    expect(new Set(run(Array.from({ length: 100 }, (_, n) => ({ calls: n % 2 === 0 ? 20 : 16 }))))).toEqual(
      new Set([2]),
    );
  });

  test("scaler: calls that take too long want one more, mailboxes that are deep want what they are", () => {
    expect(run([{ calls: 1, latencyMs: 60 }], { ...scale, latencyMs: 50 })).toEqual([2]);
    expect(run([{ depth: 250 }], { ...scale, depthPerVm: 100 })).toEqual([3]);
  });

  test("scaler: none after a time without traffic, unless there has to be one; and none stays none", () => {
    const idle = times(60, {});
    expect(run(idle).lastIndexOf(1)).toBe(49);
    expect(run(idle).at(-1)).toBe(0);
    expect(run(idle, { ...scale, min: 1 }).at(-1)).toBe(1);
    expect(run([...times(40, {}), { traffic: true }, ...times(40, {})]).at(-1)).toBe(1);
    expect(run([{ calls: 30 }], scale, 0)).toEqual([0]);
  });

  test("scaler: it stays within its bounds, whatever comes", () => {
    const sample = fc.record({
      calls: fc.nat(300),
      depth: fc.nat(5000),
      latencyMs: fc.double({ min: 0, max: 1000, noNaN: true }),
      traffic: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 80 }), fc.nat(3), fc.nat(6), (samples, min, more) => {
        const max = Math.max(1, min + more);
        const given = { ...scale, min, max, depthPerVm: 100, latencyMs: 50 };
        for (const wanted of run(samples, given, Math.max(1, min))) {
          expect(wanted).toBeGreaterThanOrEqual(min);
          expect(wanted).toBeLessThanOrEqual(max);
        }
      }),
    );
  });

  test("scaler: under one load it settles, and never turns back", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 1, max: 10 }), (calls, wanted) => {
        const all = run(times(60, { calls, traffic: true }), { ...scale, min: 1 }, wanted);
        const isMonotone = all.every((each, n) =>
          n === 0 || (all.at(-1) ?? 0) >= wanted ? each >= (all[n - 1] ?? 0) : each <= (all[n - 1] ?? 0),
        );
        expect(isMonotone).toBe(true);
        expect(all.at(-1)).toBe(all.at(-20));
        expect((all.at(-1) ?? 0) * 10).toBeGreaterThanOrEqual(Math.min(calls, 100));
      }),
    );
  });
});
