import { isolate, processTarget, wasm } from "../../src/index.ts";
import { targetPairsContract } from "../contract/target-pairs.ts";

targetPairsContract([isolate, processTarget, wasm]);
