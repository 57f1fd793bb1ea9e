import { test } from "vitest";
import { qemu } from "../../src/index.ts";
import { targetSecurity } from "../contract/target-security.ts";
import { noQemu, prepareQemu } from "../support/qemu.ts";
import { testWith } from "../support/required.ts";

prepareQemu(256, 32);

if (noQemu !== undefined) testWith(noQemu, "qemu: bears a hostile program", () => {});
else if (process.env["MOTES_REQUIRE"] === "all") targetSecurity(qemu);
else test.skip("qemu: bears a hostile program (skipped: takes a minute, set MOTES_REQUIRE=all)", () => {});
