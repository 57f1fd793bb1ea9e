import { qemu } from "../../src/index.ts";
import { targetSecurity } from "../contract/target-security.ts";
import { noQemuHere, prepareQemu } from "../support/qemu.ts";
import { testWith } from "../support/required.ts";

prepareQemu(noQemuHere, 256, 32);

if (noQemuHere === undefined) targetSecurity(qemu);
else testWith(noQemuHere, "qemu: bears a hostile program", () => {});
