import { isolate, processTarget, wasm, wasmPacked } from "../../src/index.ts";
import { targetSecurity } from "../contract/target-security.ts";

targetSecurity(isolate);
targetSecurity(processTarget);
targetSecurity(wasmPacked);
// The same machine with one VM in each, and so the same fences: in CI.
if (process.env["MOTES_REQUIRE"] === "all") targetSecurity(wasm);
