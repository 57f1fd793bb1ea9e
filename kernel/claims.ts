import type { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import { addressOf, refTo, type Ref } from "./ref.ts";

/** An actor by its address: its `self`, `this` in its handlers, or `{ ref }` of another one. */
export interface Addressed<in M> {
  readonly ref: Ref<M>;
}

/**
 * Which actors of one VM stand under which keys: what registries and groups are made of. An actor's entries vanish with it,
 * before anybody hears of its end. Owns no actor.
 */
export class Claims<K> {
  private readonly byKey = new Map<K, Cell[]>();
  private readonly byCell = new Map<Cell, K[]>();

  /** In the order they came; one that came twice is there twice. */
  at(key: K): readonly Cell[] {
    return this.byKey.get(key) ?? [];
  }

  keysOf(cell: Cell): readonly K[] {
    return this.byCell.get(cell) ?? [];
  }

  keys(): readonly K[] {
    return [...this.byKey.keys()];
  }

  /** Entries, not actors. */
  get size(): number {
    let size = 0;
    for (const cells of this.byKey.values()) size += cells.length;
    return size;
  }

  add(key: K, cell: Cell): void {
    put(this.byKey, key, cell);
    put(this.byCell, cell, key);
    cell.claims ??= new Set();
    cell.claims.add(this);
  }

  /** Takes one entry back. False: there is none. */
  remove(key: K, cell: Cell): boolean {
    if (!take(this.byKey, key, cell)) return false;
    take(this.byCell, cell, key);
    return true;
  }

  /** At its end. */
  release(cell: Cell): void {
    const keys = this.byCell.get(cell);
    if (keys === undefined) return;
    this.byCell.delete(cell);
    for (const key of keys) take(this.byKey, key, cell);
  }
}

/** Throws `NOT_HERE`. */
export function localCell({ ref }: Addressed<never>, what: string): Cell {
  const address = addressOf(ref);
  if (address.cell !== null) return address.cell;
  throw kernelError("NOT_HERE", { what, actor: address.toString() });
}

export const refsOf = <M>(cells: readonly Cell[]): readonly Ref<M>[] =>
  cells.map((cell) => refTo<M>(cell.ref));

function put<A, B>(map: Map<A, B[]>, key: A, value: B): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

function take<A, B>(map: Map<A, B[]>, key: A, value: B): boolean {
  const values = map.get(key);
  const at = values?.indexOf(value) ?? -1;
  if (values === undefined || at < 0) return false;
  if (values.length === 1) map.delete(key);
  else values.splice(at, 1);
  return true;
}
