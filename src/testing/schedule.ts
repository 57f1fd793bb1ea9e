import type { Random } from "./random.ts";

/** Something that is to happen at a moment of virtual time. It may be set again, also while it happens. */
export abstract class Happening {
  atMs = 0;
  /** Decides between happenings of one moment. */
  rank = 0;
  /** Where it stands in the schedule; -1: nowhere. */
  place = -1;

  abstract happen(): void;
}

/** A happening that is one function call. */
export class Once extends Happening {
  private readonly act: () => void;

  constructor(act: () => void) {
    super();
    this.act = act;
  }

  override happen(): void {
    this.act();
  }
}

/**
 * What is to happen, by virtual time; among what happens at the same moment the seed decides. A binary heap that knows its
 * members' places, so that what is set can be moved. It never moves time itself.
 */
export class Schedule {
  private readonly heap: Happening[] = [];
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  get first(): Happening | undefined {
    return this.heap[0];
  }

  get size(): number {
    return this.heap.length;
  }

  set(happening: Happening, atMs: number): void {
    happening.atMs = atMs;
    happening.rank = this.random.bits();
    if (happening.place < 0) {
      happening.place = this.heap.length;
      this.heap.push(happening);
    }
    this.swim(happening.place);
    this.sink(happening.place);
  }

  /** Moves it to an earlier moment, never to a later one. */
  setBy(happening: Happening, atMs: number): void {
    if (happening.place < 0 || happening.atMs > atMs) this.set(happening, atMs);
  }

  remove(happening: Happening): void {
    const { place } = happening;
    if (place < 0) return;
    happening.place = -1;
    const last = this.heap.pop() as Happening;
    if (last === happening) return;
    this.put(last, place);
    this.swim(place);
    this.sink(last.place);
  }

  private swim(from: number): void {
    for (let at = from; at > 0; ) {
      const up = (at - 1) >> 1;
      if (!this.before(at, up)) return;
      this.swap(at, up);
      at = up;
    }
  }

  private sink(from: number): void {
    const { length } = this.heap;
    for (let at = from; ; ) {
      const left = 2 * at + 1;
      let least = at;
      if (left < length && this.before(left, least)) least = left;
      if (left + 1 < length && this.before(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private before(a: number, b: number): boolean {
    const x = this.heap[a] as Happening;
    const y = this.heap[b] as Happening;
    return x.atMs < y.atMs || (x.atMs === y.atMs && x.rank < y.rank);
  }

  private swap(a: number, b: number): void {
    const x = this.heap[a] as Happening;
    this.put(this.heap[b] as Happening, a);
    this.put(x, b);
  }

  private put(happening: Happening, place: number): void {
    this.heap[place] = happening;
    happening.place = place;
  }
}
