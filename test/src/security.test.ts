import { isolate, processTarget, wasm, wasmPacked } from "../../src/index.ts";
import { targetSecurity } from "../contract/target-security.ts";

targetSecurity(isolate);
targetSecurity(processTarget);
targetSecurity(wasm);
targetSecurity(wasmPacked);
