import { describe, expect, test } from "vitest";
import { apps } from "./apps.ts";
import { runSeed } from "./seed.ts";

/** Of each program; most of them in CI only. By hand: `npm run sim -- --seeds 100000`. */
const seeds = process.env["MOTES_REQUIRE"] === "all" ? 420 : 100;

describe("sweep: every program holds what always holds, under the faults of every seed", () => {
  test.each(Object.keys(apps))(
    `%s, seeds 1 to ${seeds}`,
    async (name) => {
      let signals = 0;
      for (let seed = 1; seed <= seeds; seed++) signals += (await runSeed(name, seed)).signals;
      // The faults have left something to look at.
      expect(signals).toBeGreaterThan(100 * seeds);
    },
    120_000,
  );
});
