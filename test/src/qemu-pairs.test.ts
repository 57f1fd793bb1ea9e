import { isolate, qemu, wasm } from "../../src/index.ts";
import { targetPairsContract } from "../contract/target-pairs.ts";
import { noQemu, prepareQemu } from "../support/qemu.ts";
import { testWith } from "../support/required.ts";

prepareQemu(noQemu, 256);

// Those of isolates and WebAssembly are held elsewhere. Without CI's time, the tree of all three has to do.
const pairs = process.env["MOTES_REQUIRE"] === "all" ? ([["wasm", "qemu"]] as const) : [];
if (noQemu === undefined) targetPairsContract([wasm, qemu, isolate], pairs, 300);
else testWith(noQemu, "qemu: its VMs talk to those of other targets", () => {});
