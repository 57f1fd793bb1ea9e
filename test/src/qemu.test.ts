import { qemu } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";
import { leftToCi, prepareQemu } from "../support/qemu.ts";
import { testWith } from "../support/required.ts";

prepareQemu(256, 32);

if (leftToCi === undefined) {
  targetContract(qemu, 5);
  targetFaultContract(qemu, { burst: 300 });
} else testWith(leftToCi, "qemu: keeps the contract of targets", () => {});
