import { wasm, wasmPacked } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";

for (const target of [wasm, wasmPacked]) {
  targetContract(target);
  // QuickJS's packages do not tell of rejections that nobody handles.
  targetFaultContract(target, { lacks: ["rejectOutside"], burst: 200 });
}
