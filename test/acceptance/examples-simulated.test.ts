/** The classics of OTP under the faults of many seeds: the programs that users copy must hold, too. */
import { describe, expect, test } from "vitest";
import bank from "../../examples/bank/app.ts";
import chat from "../../examples/chat/app.ts";
import pool from "../../examples/pool/app.ts";
// The package itself, as the examples see it: another copy of the runtime would not know their programs.
import { simulate } from "motes/testing";

const silent = <T>(run: () => Promise<T>): Promise<T> => {
  const { log } = console;
  console.log = () => {};
  return run().finally(() => {
    console.log = log;
  });
};

describe("examples: in the simulator", () => {
  test.each(Object.entries({ bank, chat, pool }))(
    "%s runs to its end for every seed, and leaves nothing",
    async (name, app) => {
      for (let seed = 1; seed <= 40; seed++) {
        const options = {
          seed,
          untilMs: 30_000,
          faults: { slow: { everyMs: 200, byMs: 5 } },
          repeat: () => `seed ${seed} of examples/${name}`,
        };
        const { ended } = await silent(() => simulate(app as never, options));
        expect(ended, `seed ${seed}`).toBe("normal");
      }
    },
  );
});
