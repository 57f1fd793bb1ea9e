import { processTarget } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";

targetContract(processTarget);
targetFaultContract(processTarget);
