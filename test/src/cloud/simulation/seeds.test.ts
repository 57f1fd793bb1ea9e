import { expect, test } from "vitest";
import { runSmall } from "./small-world.ts";

/** Of each, those that a mistake was once found by come first. */
const seeds = [
  879,
  734,
  12160,
  12820,
  144,
  2187,
  2211,
  4507,
  ...Array.from({ length: 150 }, (_, seed) => seed),
];

test("cloud: whatever hosts, ways and the store do, no two VMs act under one identity, the budget holds, and in the end all is there", () => {
  const wrong = seeds.flatMap((seed) => {
    const { violations, converged, acting } = runSmall(seed, 30_000);
    return violations.length === 0 && converged && acting >= 5
      ? []
      : [{ seed, violations, converged, acting }];
  });
  expect(wrong).toEqual([]);
});

test("cloud: a seed repeats its run", () => {
  expect(runSmall(7).events).toEqual(runSmall(7).events);
});
