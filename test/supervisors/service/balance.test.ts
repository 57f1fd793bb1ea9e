import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keptBy, leastLoaded } from "../../../supervisors/service/balance.ts";

const at = (places: readonly number[]) => places.map((place) => ({ place }));
const vm = (place: number, outstanding: number, congested = false) => ({ place, outstanding, congested });

describe("balance: least", () => {
  test("balance: the one with the fewest calls unanswered, and not one that cannot be sent to", () => {
    expect(leastLoaded([vm(0, 3), vm(1, 1), vm(2, 2)], 0)?.place).toBe(1);
    expect(leastLoaded([vm(0, 3), vm(1, 1, true), vm(2, 2)], 0)?.place).toBe(2);
    expect(leastLoaded([vm(0, 0, true)], 0)).toBeUndefined();
  });

  test("balance: equals have their turn", () => {
    const equals = [vm(0, 1), vm(1, 1), vm(2, 1)];
    expect([0, 1, 2, 3].map((turn) => leastLoaded(equals, turn)?.place)).toEqual([0, 1, 2, 0]);
  });
});

describe("balance: by key", () => {
  const keys = Array.from({ length: 6000 }, (_, n) => `user-${n}`);
  const placesOf = (places: readonly number[]): readonly (number | undefined)[] =>
    keys.map((key) => keptBy(at(places), key)?.place);

  test("balance: keys are spread evenly", () => {
    for (const count of [2, 5, 16]) {
      const places = Array.from({ length: count }, (_, place) => place);
      const counts = new Map<number | undefined, number>();
      for (const place of placesOf(places)) counts.set(place, (counts.get(place) ?? 0) + 1);
      const even = keys.length / count;
      // Five standard deviations of a fair choice.
      const off = 5 * Math.sqrt(even);
      for (const place of places) expect(Math.abs((counts.get(place) ?? 0) - even)).toBeLessThan(off);
    }
  });

  test("balance: when the set changes only keys of what went move, and to what came", () => {
    const set = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(set, set, fc.string(), (before, after, key) => {
        const from = keptBy(at(before), key)?.place ?? -1;
        const to = keptBy(at(after), key)?.place ?? -1;
        expect(to === from || !after.includes(from) || !before.includes(to)).toBe(true);
      }),
    );
  });

  test("balance: the order in which VMs came does not matter", () => {
    const set = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(set, fc.string(), (places, key) => {
        expect(keptBy(at([...places].reverse()), key)?.place).toBe(keptBy(at(places), key)?.place);
      }),
    );
  });
});
