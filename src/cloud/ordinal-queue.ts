/**
 * Ordinals that wait for their turn, first in, first out, in a typed ring that grows. It may hold what has become pointless meanwhile:
 * who takes one out looks at its state.
 */
export class OrdinalQueue {
  private ring = new Int32Array(16);
  private head = 0;
  size = 0;

  push(ordinal: number): void {
    if (this.size === this.ring.length) this.grow();
    this.ring[(this.head + this.size++) & (this.ring.length - 1)] = ordinal;
  }

  /** -1: there is none. */
  peek(): number {
    return this.size === 0 ? -1 : (this.ring[this.head] ?? -1);
  }

  /** -1: there is none. */
  shift(): number {
    const ordinal = this.peek();
    if (ordinal === -1) return -1;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.size -= 1;
    return ordinal;
  }

  clear(): void {
    this.head = 0;
    this.size = 0;
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.ring.length);
    for (let place = 0; place < this.size; place++)
      larger[place] = this.ring[(this.head + place) & (this.ring.length - 1)] ?? 0;
    this.ring = larger;
    this.head = 0;
  }
}
