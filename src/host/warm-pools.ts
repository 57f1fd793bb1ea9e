import type { Blank, BlankSpec, Commons, Program, Target } from "../targets/target.ts";
import type { WarmOptions } from "./host-options.ts";
import { defaultMemoryMb } from "./life.ts";
import { type PoolHost, WarmPool } from "./warm-pool.ts";

export interface PoolsHost extends PoolHost {
  /** Where the VMs of this target live. */
  commons(target: Target): Commons;
}

/** The warm pools of a host, one for each target of which it keeps VMs ready. It knows no VM, and makes no blank by itself. */
export class WarmPools {
  private readonly pools = new Map<Target, WarmPool>();
  private readonly memoryMb: number;

  constructor(
    { vms, memoryMb = defaultMemoryMb, env = false }: WarmOptions,
    targets: readonly Target[],
    host: PoolsHost,
  ) {
    this.memoryMb = memoryMb;
    for (const target of targets) {
      const { name, blank } = target;
      if (blank === undefined) {
        host.warn(`no VMs are kept ready: the target "${name}" has no blanks`);
        continue;
      }
      const make = (spec: BlankSpec): Blank => blank(spec, host.commons(target));
      this.pools.set(target, new WarmPool(make, { memoryMb, env, spawns: false }, vms, host));
    }
  }

  /** Of those that are ready. */
  get count(): number {
    let count = 0;
    for (const pool of this.pools.values()) count += pool.count;
    return count;
  }

  /** With those that are being made: all of them take memory. */
  get held(): number {
    let held = 0;
    for (const pool of this.pools.values()) held += pool.held;
    return held;
  }

  /** Begins to; resolves when all are full, or cannot be. Never rejects. */
  async fill(): Promise<void> {
    for (const pool of this.pools.values()) await pool.fill();
  }

  take(target: Target, wanted: BlankSpec): Blank | undefined {
    return this.pools.get(target)?.take(wanted);
  }

  /** A boot is over: of that program, unless nothing came of it. */
  booted(target: Target | undefined, program: Program): void {
    for (const [each, pool] of this.pools)
      if (each === target) pool.booted(program);
      else pool.fillSoon();
  }

  /** Of blanks and VMs the VMs have it: as many end as must. */
  makeRoom(hasRoom: (memoryMb: number) => boolean): void {
    for (const pool of this.pools.values())
      while (pool.held > 0 && !hasRoom(this.held * this.memoryMb)) void pool.giveWay();
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.close()));
  }
}
