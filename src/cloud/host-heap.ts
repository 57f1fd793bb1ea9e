/**
 * The hosts of one domain that a role may be placed on, the emptiest first: a binary heap with the place of each host, so that one host is
 * put in, taken out or moved in steps that grow with the logarithm of the hosts. Equal keys go by the host's index.
 */
export class HostHeap {
  private readonly hosts: number[] = [];
  private readonly keys: number[] = [];
  private readonly places = new Map<number, number>();

  get size(): number {
    return this.hosts.length;
  }

  /** Undefined: there is none. */
  get first(): number | undefined {
    return this.hosts[0];
  }

  has(host: number): boolean {
    return this.places.has(host);
  }

  /** Puts it in, or gives it another key. */
  set(host: number, key: number): void {
    const place = this.places.get(host);
    if (place === undefined) {
      this.put(this.hosts.length, host, key);
      this.rise(this.hosts.length - 1);
      return;
    }
    this.keys[place] = key;
    this.rise(place);
    this.sink(this.places.get(host) ?? place);
  }

  delete(host: number): void {
    const place = this.places.get(host);
    if (place === undefined) return;
    const last = this.hosts.length - 1;
    const [moved, key] = [this.hosts[last] ?? 0, this.keys[last] ?? 0];
    this.hosts.pop();
    this.keys.pop();
    this.places.delete(host);
    if (place === last) return;
    this.put(place, moved, key);
    this.rise(place);
    this.sink(this.places.get(moved) ?? place);
  }

  private put(place: number, host: number, key: number): void {
    this.hosts[place] = host;
    this.keys[place] = key;
    this.places.set(host, place);
  }

  private isBefore(one: number, other: number): boolean {
    const [a, b] = [this.keys[one] ?? 0, this.keys[other] ?? 0];
    return a < b || (a === b && (this.hosts[one] ?? 0) < (this.hosts[other] ?? 0));
  }

  private swap(one: number, other: number): void {
    const [host, key] = [this.hosts[one] ?? 0, this.keys[one] ?? 0];
    this.put(one, this.hosts[other] ?? 0, this.keys[other] ?? 0);
    this.put(other, host, key);
  }

  private rise(from: number): void {
    for (let place = from; place > 0; ) {
      const above = (place - 1) >> 1;
      if (!this.isBefore(place, above)) return;
      this.swap(place, above);
      place = above;
    }
  }

  private sink(from: number): void {
    for (let place = from; ; ) {
      const left = 2 * place + 1;
      if (left >= this.hosts.length) return;
      const right = left + 1;
      const least = right < this.hosts.length && this.isBefore(right, left) ? right : left;
      if (!this.isBefore(least, place)) return;
      this.swap(place, least);
      place = least;
    }
  }
}
