import { wasm } from "../../src/index.ts";
import { targetFaultContract } from "../contract/target-faults.ts";
import { targetContract } from "../contract/target.ts";

targetContract(wasm);
// QuickJS's packages do not tell of rejections that nobody handles.
targetFaultContract(wasm, { lacks: ["rejectOutside"], burst: 200 });
