import { qemu } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";
import { testWith } from "../support/required.ts";
import { noQemu, prepareQemu } from "../support/qemu.ts";

prepareQemu(256, 32);

if (noQemu === undefined) {
  targetContract(qemu, 5);
  targetFaultContract(qemu, { burst: 300 });
} else {
  testWith(noQemu, "qemu: keeps the contract of targets", () => {});
}
