import { srcError } from "../errors.ts";
import { isolate } from "../targets/isolate/host.ts";
import { processTarget } from "../targets/process/host.ts";
import { wasm } from "../targets/wasm/host.ts";
import type { Target } from "../targets/target.ts";

/** All of this version. */
export const targets: readonly Target[] = [isolate, processTarget, wasm];

/** What `--target` takes, for its help. */
export const targetNames: string = targets.map(({ name }) => name).join(", ");

/** Throws `UNKNOWN_TARGET`. */
export function namedTarget(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw srcError("UNKNOWN_TARGET", { target: name, known: targets.map((target) => target.name) });
}
