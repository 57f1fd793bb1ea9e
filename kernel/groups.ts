import type { Cell } from "./cell.ts";
import { Claims, localCell, refsOf, type Addressed } from "./claims.ts";
import { refTo, type Ref } from "./ref.ts";

/** What one who watches a scope is sent. */
export interface GroupChange<K, M> {
  readonly type: "group";
  /** The label of the scope. */
  readonly scope: string;
  readonly group: K;
  readonly change: "joined" | "left";
  /** One for each membership that came or went: one that had joined twice and has ended is here twice. */
  readonly members: readonly Ref<M>[];
}

/**
 * Process groups of one scope: actors that do the same thing, found and told of together. An actor may join several groups, and
 * one group several times; it then has to leave it as often. Memberships vanish with the actor, before links and monitors hear
 * of its end. Make a scope once, at the top of a module, and share it.
 *
 * Semantics: OTP `pg`. Local to the VM: an actor of another VM cannot join, and groups of two VMs of one scope do not meet.
 */
export class Groups<K extends string | number, M> {
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }

  /** Throws `NOT_HERE`. */
  join(actor: Addressed<M>, group: K): void {
    const cell = this.cell(actor);
    const scope = this.scope(cell);
    scope.add(group, cell);
    scope.tell(group, "joined", [cell]);
  }

  /** Takes one membership back. False: it is no member. Throws `NOT_HERE`. */
  leave(actor: Addressed<M>, group: K): boolean {
    const cell = this.cell(actor);
    const scope = this.scope(cell);
    if (!scope.remove(group, cell)) return false;
    scope.tell(group, "left", [cell]);
    return true;
  }

  /** In the order they joined. */
  members(self: Addressed<never>, group: K): readonly Ref<M>[] {
    return refsOf(this.scope(this.cell(self)).at(group));
  }

  /** Groups that have a member. */
  groups(self: Addressed<never>): readonly K[] {
    return this.scope(this.cell(self)).keys();
  }

  /** Tells `watcher` of every later change of any group, and returns who is where now: nothing is missed in between. */
  watch(watcher: Addressed<GroupChange<K, M>>): ReadonlyMap<K, readonly Ref<M>[]> {
    const cell = this.cell(watcher);
    const scope = this.scope(cell);
    scope.watch(cell);
    return new Map(scope.keys().map((group) => [group, refsOf<M>(scope.at(group))]));
  }

  /** False: it did not watch. Changes that are in its mailbox stay there. */
  unwatch(watcher: Addressed<GroupChange<K, M>>): boolean {
    const cell = this.cell(watcher);
    return this.scope(cell).unwatch(cell);
  }

  private cell(actor: Addressed<never>): Cell {
    return localCell(actor, `group scope "${this.label}"`);
  }

  private scope({ kernel }: Cell): Scope<K> {
    return kernel.tableOf(this, () => new Scope<K>(this.label));
  }
}

/**
 * The groups of one scope.
 *
 * @example
 * const workers = groups<"fast" | "slow", Job>("workers");
 * workers.join(self, "fast");
 * for (const member of workers.members(self, "fast")) self.send(member, job);
 */
export const groups = <K extends string | number, M>(label: string): Groups<K, M> => new Groups(label);

/** The members in one VM, and who watches them. */
class Scope<K> extends Claims<K> {
  private readonly label: string;
  private readonly watchers = new Set<Cell>();

  constructor(label: string) {
    super();
    this.label = label;
  }

  watch(cell: Cell): void {
    this.watchers.add(cell);
    cell.claims ??= new Set();
    cell.claims.add(this);
  }

  unwatch(cell: Cell): boolean {
    return this.watchers.delete(cell);
  }

  override release(cell: Cell): void {
    this.watchers.delete(cell);
    const left = new Map<K, Cell[]>();
    for (const group of this.keysOf(cell)) left.set(group, [...(left.get(group) ?? []), cell]);
    super.release(cell);
    for (const [group, cells] of left) this.tell(group, "left", cells);
  }

  tell(group: K, change: "joined" | "left", cells: readonly Cell[]): void {
    if (this.watchers.size === 0) return;
    const members = cells.map((cell) => refTo<never>(cell.ref));
    const message: GroupChange<K, never> = { type: "group", scope: this.label, group, change, members };
    for (const watcher of this.watchers) watcher.kernel.deliver(watcher, message);
  }
}
