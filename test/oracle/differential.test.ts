import { describe, expect } from "vitest";
import { testWith } from "../support/required.ts";
import { compare, shrink } from "./fuzz/compare.ts";
import { scenarioTerm } from "./fuzz/erlang-term.ts";
import { hasErlang, Otp } from "./fuzz/otp.ts";
import { scenario } from "./fuzz/scenario.ts";

/** Most of them in CI only. */
const cases = process.env["MOTES_REQUIRE"] === "all" ? 500 : 200;
const seed = 1;

describe("differential", () => {
  testWith(
    hasErlang() ? undefined : "erl not found (npm run setup)",
    `differential: ${cases} random cases from seed ${seed} go as with the real OTP supervisor`,
    async () => {
      const otp = new Otp();
      try {
        const [found] = await compare(
          otp,
          Array.from({ length: cases }, (_, index) => scenario(seed + index)),
        );
        if (found === undefined) return;
        const smallest = await shrink(otp, found);
        expect(smallest.ours, scenarioTerm(smallest.scenario)).toEqual(smallest.otp);
      } finally {
        otp.close();
      }
    },
    90_000,
  );
});
