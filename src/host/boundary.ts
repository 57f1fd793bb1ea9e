import { srcError } from "../errors.ts";

/** What a target's boundary holds, compared to others. One that is not here is as weak as an isolate. */
const strengths: Readonly<Record<string, number>> = {
  isolate: 0,
  "wasm-packed": 1,
  wasm: 2,
  process: 2,
  "wasm-instance": 3,
  qemu: 4,
};

const strengthOf = (target: string): number => strengths[target] ?? 0;

/**
 * What a VM is that another one boots: what was asked for, else the host's standard, and no weaker than its booter. Whoever was put behind
 * a boundary would else walk out of it by booting its own program in front. Throws `TARGET_WEAKER`.
 */
export function targetBelow(booter: string, asked: string | undefined, standard: string): string {
  if (asked === undefined) return strengthOf(standard) < strengthOf(booter) ? booter : standard;
  if (strengthOf(asked) >= strengthOf(booter)) return asked;
  throw srcError("TARGET_WEAKER", { target: asked, booter });
}
