import { Random } from "../testing/random.ts";
import type { Role } from "./declaration.ts";

/** Which VM of a role is retired next, by chance, and when. A moment that has passed by far is skipped and not made up for. */
export class Churn {
  private readonly random: Random;
  private role: Role | undefined;
  dueMs = Infinity;

  constructor(seed: number) {
    this.random = new Random(seed, 0xc4);
  }

  declare(role: Role, nowMs: number): void {
    this.role = role;
    this.dueMs = Math.min(this.dueMs, nowMs + this.everyMs);
    if (this.everyMs === Infinity) this.dueMs = Infinity;
  }

  /** The ordinal whose turn it is; there need not be such a VM now. */
  take(nowMs: number): number {
    const { everyMs } = this;
    // Of a clock that has jumped, only one second is made up for.
    this.dueMs = Math.max(this.dueMs, nowMs - 1000) + everyMs;
    return this.random.below(this.role?.count ?? 0);
  }

  private get everyMs(): number {
    const { churn, count = 0 } = this.role ?? {};
    return churn === undefined || count === 0 ? Infinity : churn.everyMs / (churn.fraction * count);
  }
}
