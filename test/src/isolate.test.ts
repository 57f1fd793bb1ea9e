import { isolate } from "../../src/targets/isolate/host.ts";
import { targetContract } from "../contract/target.ts";

targetContract(isolate);
