/** The state machine of leases in a world of faults: each seed is one life of a cluster, and a failure prints it. */
import { expect, test } from "vitest";
import { live, type WorldResult } from "./lease-world.ts";

const seeds = 2000;

function liveMany(drift: number, count: number, check: (result: WorldResult) => void): WorldResult[] {
  return Array.from({ length: count }, (_, seed) => {
    const result = live({ seed, drift });
    try {
      check(result);
    } catch (problem) {
      throw new Error(`seed ${seed}, drift ${drift}: live({ seed: ${seed}, drift: ${drift} })`, {
        cause: problem,
      });
    }
    return result;
  });
}

const sum = (results: readonly WorldResult[], of: (result: WorldResult) => number): number =>
  results.reduce((total, result) => total + of(result), 0);

test(`lease: with clocks that are wrong by up to 9 %, no two ever think that they hold it (${seeds} seeds)`, () => {
  const results = liveMany(0.09, seeds, ({ wrong, doubles, healedMs }) => {
    expect({ wrong, doubles }).toEqual({ wrong: [], doubles: 0 });
    // The longest lease that is left behind, its margin, and slow clocks.
    expect(healedMs).toBeLessThan(5000);
  });
  // It was not that nothing happened.
  expect(sum(results, ({ grants }) => grants)).toBeGreaterThan(2 * seeds);
  expect(sum(results, ({ refused }) => refused)).toBeGreaterThan(seeds / 10);
}, 90_000);

test("lease: with clocks that are wrong by half, two may think so, and the resource never takes what both do", () => {
  const results = liveMany(0.5, 500, ({ wrong }) => {
    expect(wrong).toEqual([]);
  });
  expect(sum(results, ({ doubles }) => doubles)).toBeGreaterThan(100);
});
