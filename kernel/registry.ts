import type { Cell } from "./cell.ts";
import { Claims, localCell, refsOf, type Addressed } from "./claims.ts";
import { kernelError } from "./error-table.ts";
import { refTo, type Ref } from "./ref.ts";

/**
 * Names made at run time: actors of one VM found by a key. An entry vanishes with its actor, before links and monitors hear of
 * its end. Make a registry once, at the top of a module, and share it: it is what says which protocol its entries have. What it
 * holds belongs to the VM of the actor that asks.
 *
 * Semantics: Elixir `Registry`, and OTP "Registered Processes" for the order at an actor's death. Local to the VM.
 */
abstract class AnyRegistry<K extends string | number, M> {
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }

  /** False: it had no such entry. Throws `NOT_HERE`. */
  unregister(actor: Addressed<M>, key: K): boolean {
    const cell = this.cell(actor);
    return this.entries(cell).remove(key, cell);
  }

  /** The keys of one actor, in the order it took them. Throws `NOT_HERE`. */
  keysOf(actor: Addressed<M>): readonly K[] {
    const cell = this.cell(actor);
    return this.entries(cell).keysOf(cell);
  }

  /** All keys that are taken in the VM of `self`. */
  keys(self: Addressed<never>): readonly K[] {
    return this.entries(this.cell(self)).keys();
  }

  /** Entries in the VM of `self`. */
  count(self: Addressed<never>): number {
    return this.entries(this.cell(self)).size;
  }

  protected cell(actor: Addressed<never>): Cell {
    return localCell(actor, `registry "${this.label}"`);
  }

  protected entries({ kernel }: Cell): Claims<K> {
    return kernel.tableOf(this, () => new Claims<K>());
  }
}

export class Registry<K extends string | number, M> extends AnyRegistry<K, M> {
  /** Throws `NAME_TAKEN`, also if the key is its own already; `NOT_HERE`. */
  register(actor: Addressed<M>, key: K): void {
    const cell = this.cell(actor);
    const entries = this.entries(cell);
    const [holder] = entries.at(key);
    if (holder !== undefined) {
      throw kernelError("NAME_TAKEN", { name: `${this.label} ${key}`, holder: holder.ref.toString() });
    }
    entries.add(key, cell);
  }

  lookup(self: Addressed<never>, key: K): Ref<M> | undefined {
    const [holder] = this.entries(this.cell(self)).at(key);
    return holder === undefined ? undefined : refTo(holder.ref);
  }
}

export class DuplicateRegistry<K extends string | number, M> extends AnyRegistry<K, M> {
  /** The same actor may stand under a key more than once. Throws `NOT_HERE`. */
  register(actor: Addressed<M>, key: K): void {
    const cell = this.cell(actor);
    this.entries(cell).add(key, cell);
  }

  /** In the order they registered. */
  lookup(self: Addressed<never>, key: K): readonly Ref<M>[] {
    return refsOf(this.entries(this.cell(self)).at(key));
  }
}

/**
 * A registry: by default a key has one holder, with `keys: "duplicate"` any number.
 *
 * @example
 * const rooms = registry<string, RoomMessage>("rooms");
 * rooms.register(self, "lobby");
 * const lobby = rooms.lookup(self, "lobby");
 */
export function registry<K extends string | number, M>(
  label: string,
  options?: { readonly keys?: "unique" },
): Registry<K, M>;
export function registry<K extends string | number, M>(
  label: string,
  options: { readonly keys: "duplicate" },
): DuplicateRegistry<K, M>;
export function registry<K extends string | number, M>(
  label: string,
  options: { readonly keys?: string } = {},
): Registry<K, M> | DuplicateRegistry<K, M> {
  const keys = options.keys ?? "unique";
  if (keys === "unique") return new Registry(label);
  if (keys === "duplicate") return new DuplicateRegistry(label);
  throw kernelError("BAD_OPTION", {
    what: `registry "${label}": keys`,
    expected: "unique or duplicate",
    got: keys,
  });
}
