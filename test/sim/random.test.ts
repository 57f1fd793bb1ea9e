import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/testing/random.ts";
import { Once, Schedule } from "../../src/testing/schedule.ts";

describe("random", () => {
  test("random: a seed and a stream are one sequence, the same on every machine", () => {
    const random = new Random(7, 0);
    expect([random.bits(), random.bits(), random.bits()]).toMatchInlineSnapshot(`
      [
        1805260456,
        2485812432,
        2462393914,
      ]
    `);
    expect(new Random(7, 1).bits()).not.toBe(new Random(7, 0).bits());
    expect(new Random(8, 0).bits()).not.toBe(new Random(7, 0).bits());
  });

  test("random: between gives whole microseconds within its ends", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(5000), fc.nat(5000), (seed, leastUs, moreUs) => {
        const range = [leastUs / 1000, (leastUs + moreUs) / 1000] as const;
        const value = new Random(seed, 3).between(range);
        expect(value).toBeGreaterThanOrEqual(range[0]);
        expect(value).toBeLessThanOrEqual(range[1] + 1e-9);
        expect(Math.abs(value * 1000 - Math.round(value * 1000))).toBeLessThan(1e-6);
      }),
    );
  });

  test("random: is spread evenly", () => {
    const random = new Random(1, 1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i++) {
      const at = random.below(10);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe("schedule", () => {
  type Step = { readonly act: "set" | "setBy" | "remove"; readonly which: number; readonly atMs: number };
  const step: fc.Arbitrary<Step> = fc.record({
    act: fc.constantFrom("set", "setBy", "remove"),
    which: fc.nat(7),
    atMs: fc.nat(20),
  });

  test("schedule: gives what was set in the order of time, like a plain sorted list", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer(), (steps, seed) => {
        const schedule = new Schedule(new Random(seed, 0));
        const happenings = Array.from({ length: 8 }, () => new Once(() => {}));
        const model = new Map<number, number>();
        for (const { act, which, atMs } of steps) {
          const happening = happenings[which] as Once;
          const known = model.get(which);
          if (act === "remove") {
            schedule.remove(happening);
            model.delete(which);
          } else if (act === "set" || known === undefined || known > atMs) {
            model.set(which, atMs);
            if (act === "set") schedule.set(happening, atMs);
            else schedule.setBy(happening, atMs);
          } else schedule.setBy(happening, atMs);
        }
        expect(schedule.size).toBe(model.size);
        const times: number[] = [];
        for (let { first } = schedule; first !== undefined; { first } = schedule) {
          times.push(first.atMs);
          schedule.remove(first);
        }
        expect(times).toEqual([...model.values()].toSorted((a, b) => a - b));
      }),
    );
  });

  test("schedule: the seed decides between happenings of one moment", () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const schedule = new Schedule(new Random(seed, 0));
      const happenings = ["a", "b", "c"].map((name) => ({ name, once: new Once(() => {}) }));
      for (const { once } of happenings) schedule.set(once, 1);
      let order = "";
      for (let { first } = schedule; first !== undefined; { first } = schedule) {
        order += happenings.find(({ once }) => once === first)?.name;
        schedule.remove(first);
      }
      orders.add(order);
    }
    expect(orders.size).toBe(6);
  });
});
