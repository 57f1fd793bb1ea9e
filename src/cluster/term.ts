import type { LostWhy } from "./errors.ts";
import { clusterError } from "./errors.ts";

/** What a term asks, each time anew: the lease, by its holder's clock. */
export interface TermClock {
  /** Until the token may be used no more; 0 or less: it may not. */
  leftMs(token: number): number;
}

/**
 * The time during which one holds a lease: from a grant until it is lost, under one token. Ask it right before what only the holder may do,
 * and give the token to whatever can compare it: the look and the act are two moments, and between them a process may stand still for
 * as long as it likes. A resource that refuses all tokens below the greatest it has seen is safe in spite of that.
 */
export class Term {
  readonly name: string;
  /** Greater than that of all terms before, of whichever lease of the store. */
  readonly token: number;
  private readonly clock: TermClock;
  private why: LostWhy | undefined = undefined;

  constructor(name: string, token: number, clock: TermClock) {
    this.name = name;
    this.token = token;
    this.clock = clock;
  }

  /** In ms, if it is not renewed; 0: it is over. */
  get leftMs(): number {
    return this.why === undefined ? Math.max(0, this.clock.leftMs(this.token)) : 0;
  }

  get holds(): boolean {
    return this.leftMs > 0;
  }

  /** Throws `LEASE_LOST` if it is over. */
  check(): void {
    if (this.holds) return;
    const { name, token, why = "expired" } = this;
    throw clusterError("LEASE_LOST", { name, token, why });
  }

  /** Once, by who made it. */
  end(why: LostWhy): void {
    this.why ??= why;
  }
}
