import { qemu } from "../../src/index.ts";
import { targetSecurity } from "../contract/target-security.ts";
import { leftToCi, prepareQemu } from "../support/qemu.ts";
import { testWith } from "../support/required.ts";

prepareQemu(256, 32);

if (leftToCi === undefined) targetSecurity(qemu);
else testWith(leftToCi, "qemu: bears a hostile program", () => {});
