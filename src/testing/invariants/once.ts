import type { Address, Cell, ExitReason } from "../../../kernel/index.ts";
import type { SimVm } from "../vm.ts";
import type { Violated } from "./ledger.ts";

/** What a link or monitor says at once when it is made to somebody who is gone. That may come any number of times. */
const answers: readonly ExitReason[] = ["noproc", "noconnection"];

/**
 * No monitor and no link fires twice. That each fires at all is `checkBonds`'s to see: what has not fired still stands between
 * two that live.
 */
export class Once {
  private readonly violated: Violated;
  private readonly downs = new WeakMap<Cell, Set<number>>();
  /** Stable addresses: what is linked to one hears of each incarnation that it was linked to. */
  private readonly stable = new Set<string>();
  /** Links to actors of other hosts that have not fired. */
  private readonly open = new WeakMap<Cell, Set<string>>();
  private readonly exits = new WeakMap<Cell, Set<string>>();

  constructor(violated: Violated) {
    this.violated = violated;
  }

  slotMade(vm: SimVm, address: Address): void {
    this.stable.add(nameIn(vm, address));
  }

  down(cell: Cell, id: number, from: Address): void {
    const ids = setOf(this.downs, cell);
    if (ids.has(id))
      this.violated(
        "monitors fire once",
        `monitor ${id} of ${cell.ref.toString()} on ${from.toString()} fired twice`,
      );
    ids.add(id);
  }

  /** A link with an actor of another host is made: `cell` has asked for it, or the other one has. */
  linked(cell: Cell, to: Address): void {
    if (to.host !== "") setOf(this.open, cell).add(to.toString());
  }

  exit(vm: SimVm, cell: Cell, from: Address, reason: ExitReason): void {
    if (from.host !== "") this.farExit(cell, from, reason);
    if (answers.includes(reason)) return;
    const seen = setOf(this.exits, cell);
    const name = nameIn(vm, from);
    if (this.stable.has(name)) return;
    if (seen.has(name))
      this.violated(
        "links fire once",
        `${cell.ref.toString()} heard twice of the end of ${name}, to which it was linked`,
      );
    seen.add(name);
  }

  /** What is lost with the way may be linked anew: each end is one of a link that was made since the last. */
  private farExit(cell: Cell, from: Address, reason: ExitReason): void {
    // Of a VM that is known to be gone, every new link says so at once.
    if (reason === "noproc" || (reason === "noconnection" && from.home.lost)) return;
    if (setOf(this.open, cell).delete(from.toString())) return;
    this.violated(
      "links fire once",
      `${cell.ref.toString()} heard of the end of ${from.toString()}, to which it was not linked (any more)`,
    );
  }
}

/** The same wherever it is seen from. */
const nameIn = (vm: SimVm, { host, vm: number, serial }: Address): string =>
  `${host === "" ? vm.host.address : host}/${number}.${serial}`;

function setOf<T>(map: WeakMap<Cell, Set<T>>, cell: Cell): Set<T> {
  let set = map.get(cell);
  if (set === undefined) {
    set = new Set();
    map.set(cell, set);
  }
  return set;
}
