/** A small seeded generator (xorshift32): the same seed gives the same choices on every machine. */
export class Chance {
  private state: number;

  constructor(seed: number) {
    // Spread small seeds apart; the state must not be 0.
    this.state = Math.imul(seed + 1, 0x9e3779b1) | 0 || 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** A whole number from 0 to `below` - 1. */
  number(below: number): number {
    return (this.next() >>> 0) % below;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.number(times) === 0;
  }

  pick<T>(...from: readonly [T, ...T[]]): T {
    return from[this.number(from.length)] ?? from[0];
  }

  private next(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state;
  }
}
