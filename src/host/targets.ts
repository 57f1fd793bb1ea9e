import { srcError } from "../errors.ts";
import { isolate } from "../targets/isolate/host.ts";
import { processTarget } from "../targets/process/host.ts";
import { qemu } from "../targets/qemu/host.ts";
import type { Target } from "../targets/target.ts";
import { wasm, wasmInstance, wasmPacked } from "../targets/wasm/host.ts";

/** All of this version. */
export const allTargets: readonly Target[] = [isolate, processTarget, wasm, wasmPacked, wasmInstance, qemu];

/** What a host's VMs may be. */
export class Targets {
  /** Where nothing is said. */
  readonly standard: Target;
  private readonly known: ReadonlyMap<string, Target>;

  /**
   * `others`: those that a boot may name beside the standard one. Default: all there are, if the standard one is `isolate`, which has
   * the weakest boundary; else none, so that no program gets out of its boundary by booting another VM behind a weaker one.
   */
  constructor(standard: Target, others: readonly Target[] = standard === isolate ? allTargets : []) {
    this.standard = standard;
    this.known = new Map([...others, standard].map((target) => [target.name, target]));
  }

  /** Throws `UNKNOWN_TARGET`. */
  named(name: string | undefined): Target {
    if (name === undefined) return this.standard;
    const found = this.known.get(name);
    if (found !== undefined) return found;
    throw srcError("UNKNOWN_TARGET", { target: name, known: [...this.known.keys()] });
  }
}
