/** Contenders that need what hardware VMs are made with: skipped, with the reason, where that is missing. */
import { findEquipment } from "../../src/targets/qemu/equipment.ts";
import type { Program } from "./bench.ts";
import { node } from "./node.ts";

/** As `node`. */
export function qemuNode(script: string, args: readonly string[] = []): Program {
  const program = node(script, { args });
  return {
    prepare(directory) {
      try {
        findEquipment();
      } catch (problem) {
        return Promise.resolve({ skipped: problem instanceof Error ? problem.message : String(problem) });
      }
      return program.prepare(directory);
    },
  };
}
