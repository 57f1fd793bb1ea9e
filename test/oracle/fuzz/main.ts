/** `npm run fuzz:otp -- --cases 20000 --seed 1`: random trees and events against the real OTP supervisor and ours. */
import { parseArgs } from "node:util";
import { compare, shrink, type Difference } from "./compare.ts";
import { scenarioTerm } from "./erlang-term.ts";
import { hasErlang, Otp } from "./otp.ts";
import { scenario } from "./scenario.ts";

/** Cases between two lines of progress; run side by side, since most of the time is waiting. */
const roundCases = 800;

function show({ scenario: found, at, otp, ours }: Difference): void {
  console.log(`\nthey part at event ${at} of\n${scenarioTerm(found)}`);
  console.log("OTP: ", JSON.stringify(otp));
  console.log("ours:", JSON.stringify(ours));
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { cases: { type: "string" }, seed: { type: "string" } } });
  const cases = Number(values.cases ?? 500);
  const seed = Number(values.seed ?? 1);
  if (!hasErlang()) {
    console.log("skipped: erl not found (npm run setup)");
    return process.env["MOTES_REQUIRE"] === "all" ? 1 : 0;
  }
  const otp = new Otp();
  try {
    let differences = 0;
    for (let from = 0; from < cases; from += roundCases) {
      const count = Math.min(roundCases, cases - from);
      const found = await compare(
        otp,
        Array.from({ length: count }, (_, index) => scenario(seed + from + index)),
      );
      differences += found.length;
      console.log(`${from + count} cases from seed ${seed}: ${differences} differ`);
      const [first] = found;
      if (first !== undefined) show(await shrink(otp, first));
      if (differences > 20) break;
    }
    return differences === 0 ? 0 : 1;
  } finally {
    otp.close();
  }
}

process.exitCode = await main();
