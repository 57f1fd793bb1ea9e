import { wasm, wasmPacked } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";

// Of those without packing, the same machine with one VM in each, all is held in CI.
const targets = process.env["MOTES_REQUIRE"] === "all" ? [wasmPacked, wasm] : [wasmPacked];
for (const target of targets) {
  targetContract(target);
  // QuickJS's packages do not tell of rejections that nobody handles.
  targetFaultContract(target, { lacks: ["rejectOutside"], burst: 200 });
}
