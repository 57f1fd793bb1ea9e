import { srcError } from "../errors.ts";
import { allTargets } from "../host/targets.ts";
import type { Target } from "../targets/target.ts";

/** What `--target` takes, for its help. */
export const targetNames: string = allTargets.map(({ name }) => name).join(", ");

/** Throws `UNKNOWN_TARGET`. */
export function namedTarget(name: string): Target {
  const found = allTargets.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw srcError("UNKNOWN_TARGET", { target: name, known: allTargets.map((target) => target.name) });
}
