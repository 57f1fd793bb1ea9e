/**
 * A seeded stream of random numbers: the same on every machine, since it is made of 32-bit integer steps only (a Weyl sequence
 * and a finaliser of multiplications and shifts). Streams of one seed with different numbers have nothing to do with each other.
 */
export class Random {
  private state: number;

  constructor(seed: number, stream: number) {
    this.state = mixed(mixed(seed | 0) ^ Math.imul(stream + 1, 0x9e3779b1));
  }

  /** 0 to 2^32 - 1. */
  bits(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    return mixed(this.state) >>> 0;
  }

  /** [0, 1), in steps of 2^-32. */
  next(): number {
    return this.bits() / 2 ** 32;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A time in whole microseconds, in ms, both ends included. */
  between([leastMs, mostMs]: Range): number {
    const steps = Math.floor((mostMs - leastMs) * 1000) + 1;
    return leastMs + this.below(steps) / 1000;
  }

  /** Undefined of an empty list. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }
}

/** From and to, in ms. */
export type Range = readonly [leastMs: number, mostMs: number];

function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
