import { test } from "vitest";
import { qemu } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";
import { testWith } from "../support/required.ts";
import { noQemu, prepareQemu } from "../support/qemu.ts";

prepareQemu(256, 32);

if (noQemu === undefined) {
  targetContract(qemu, 5);
  // Half a minute of emulation on two cores: the suite is to stay below three.
  if (process.env["MOTES_REQUIRE"] === "all") targetFaultContract(qemu, { burst: 300 });
  else test.skip("qemu: bears all faults (skipped: takes half a minute, set MOTES_REQUIRE=all)", () => {});
} else {
  testWith(noQemu, "qemu: keeps the contract of targets", () => {});
}
