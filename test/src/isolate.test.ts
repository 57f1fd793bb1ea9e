import { isolate } from "../../src/targets/isolate/host.ts";
import { targetContract } from "../contract/target.ts";
import { targetFaultContract } from "../contract/target-faults.ts";

targetContract(isolate);
targetFaultContract(isolate);
