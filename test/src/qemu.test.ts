import { qemu } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";
import { noQemuHere, prepareQemu } from "../support/qemu.ts";
import { testWith } from "../support/required.ts";

prepareQemu(noQemuHere, 256, 32);

if (noQemuHere === undefined) {
  targetContract(qemu, 5);
  targetFaultContract(qemu, { burst: 300 });
} else testWith(noQemuHere, "qemu: keeps the contract of targets", () => {});
