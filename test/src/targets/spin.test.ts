import { describe, expect, test } from "vitest";
import { Spin } from "../../../src/targets/spin.ts";

/** A clock that moves by `stepMs` each time it is read, and counts how often that was. */
function clock(stepMs: number): { readonly now: () => number; reads: number; stepMs: number; atMs: number } {
  const made = { now: (): number => read(), reads: 0, stepMs, atMs: 0 };
  const read = (): number => {
    made.reads++;
    made.atMs += made.stepMs;
    return made.atMs;
  };
  return made;
}

const never = (): boolean => false;

describe("spin", () => {
  test("spin: without a core to spare it does not look at all", () => {
    const time = clock(0.001);
    let looks = 0;
    const spin = new Spin(time.now);
    expect(
      spin.until(() => {
        looks++;
        return true;
      }, false),
    ).toBe(false);
    expect([looks, time.reads]).toEqual([0, 0]);
  });

  test("spin: what comes at once costs no look at the clock", () => {
    const time = clock(0.001);
    let looks = 0;
    expect(new Spin(time.now).until(() => ++looks === 60, true)).toBe(true);
    expect(time.reads).toBe(0);
  });

  test("spin: in vain it costs next to nothing, but every eighth time it lasts 0.05 ms", () => {
    const time = clock(0.001);
    const spin = new Spin(time.now);
    const spent: number[] = [];
    for (let n = 0; n < 16; n++) {
      const start = time.atMs;
      expect(spin.until(never, true)).toBe(false);
      spent.push(time.atMs - start);
    }
    for (const [n, ms] of spent.entries())
      if (n % 8 === 7) expect(ms).toBeCloseTo(0.052, 2);
      else expect(ms).toBeLessThan(0.03);
    // A VM that has just booted does not begin with a long one.
    expect(spent.slice(0, 7).reduce((sum, ms) => sum + ms, 0)).toBeLessThan(0.05);
    expect(spent.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(0.3);
  });

  test("spin: success makes it last longer again", () => {
    const time = clock(0.001);
    const spin = new Spin(time.now);
    for (let n = 0; n < 7; n++) spin.until(never, true);
    let looks = 0;
    // Found after a few looks at the clock, each time: the budget doubles up to the most.
    for (let n = 0; n < 6; n++) {
      looks = 0;
      expect(spin.until(() => ++looks > 64 * 3, true)).toBe(true);
    }
    const start = time.atMs;
    spin.until(never, true);
    expect(time.atMs - start).toBeGreaterThan(0.04);
  });

  test("spin: interrupted once, it gives up at once, and spares the next 64 sleeps", () => {
    const time = clock(5);
    const spin = new Spin(time.now);
    expect(spin.until(never, true)).toBe(false);
    const { reads } = time;
    expect(reads).toBe(2);
    let looks = 0;
    for (let n = 0; n < 64; n++) expect(spin.until(() => ++looks > 0, true)).toBe(false);
    expect([looks, time.reads]).toEqual([0, reads]);
    expect(spin.until(() => ++looks > 0, true)).toBe(true);
  });
});
