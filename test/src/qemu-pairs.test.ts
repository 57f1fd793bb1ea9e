import { isolate, qemu, wasm } from "../../src/index.ts";
import { targetPairsContract } from "../contract/target-pairs.ts";
import { noQemu, prepareQemu } from "../support/qemu.ts";
import { testWith } from "../support/required.ts";

prepareQemu(256);

// Those of isolates and WebAssembly are held elsewhere.
if (noQemu === undefined) targetPairsContract([wasm, qemu, isolate], [["wasm", "qemu"]], 300);
else testWith(noQemu, "qemu: its VMs talk to those of other targets", () => {});
