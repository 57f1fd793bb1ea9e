import {
  CallMessage,
  ExitMessage,
  type Address,
  type Cell,
  type ExitReason,
  type Slot,
} from "../../../kernel/index.ts";
import { supervisorFacts } from "../../../supervisors/index.ts";
import type { Violated } from "./ledger.ts";

/** A child over all its lives, by its stable address. */
interface Child {
  readonly slot: Slot;
  latest: Address | null;
  /** Of restarts that the supervisor made by itself, in whole seconds of its own clock. */
  restarts: number[];
}

interface Watched {
  /** In the order of their start. */
  readonly children: Child[];
  /** The last child that was asked to stop, while others are being stopped with it. */
  asked: Child | null;
}

/** What the invariants ask of the simulation. */
export interface Population {
  /** As \`cell\` calls it. */
  isAlive(cell: Cell, address: Address): boolean;
  /** The way between their VMs was cut: one cannot know of the other, whatever it does. */
  areApart(cell: Cell, address: Address): boolean;
}

/**
 * What holds for every supervisor, worked out from what it does and not from what it believes: never two live incarnations of
 * a child, no more restarts than its intensity allows, and children stopped one by one in the reverse order of their start.
 *
 * Semantics: OTP `supervisor`; children of a dynamic one are stopped all at once.
 */
export class Supervision {
  private readonly violated: Violated;
  private readonly population: Population;
  private readonly supervisors = new Map<Cell, Watched>();
  private readonly owners = new Map<Slot, { readonly owner: Cell; readonly child: Child }>();

  constructor(population: Population, violated: Violated) {
    this.population = population;
    this.violated = violated;
  }

  slotMade(owner: Cell, slot: Slot): void {
    const child: Child = { slot, latest: null, restarts: [] };
    const watched = this.supervisors.get(owner);
    if (watched === undefined) this.supervisors.set(owner, { children: [child], asked: null });
    else watched.children.push(child);
    this.owners.set(slot, { owner, child });
  }

  slotGone(owner: Cell, slot: Slot): void {
    const watched = this.supervisors.get(owner);
    const child = this.owners.get(slot)?.child;
    this.owners.delete(slot);
    if (watched === undefined || child === undefined) return;
    watched.children.splice(watched.children.indexOf(child), 1);
  }

  /** The supervisor's stable address for a child leads to a new incarnation. */
  leads(owner: Cell, slot: Slot, target: Address): void {
    const child = this.owners.get(slot)?.child;
    const watched = this.supervisors.get(owner);
    if (child === undefined || watched === undefined) return;
    watched.asked = null;
    const before = child.latest;
    child.latest = target;
    if (before === null) return;
    if (this.population.isAlive(owner, before) && !this.population.areApart(owner, before)) {
      this.violated(
        "one incarnation of a child",
        `${name(owner)} started ${target.toString()}, and ${before.toString()} of the same child is alive`,
      );
    }
    this.countRestart(owner, child);
  }

  /** An exit signal on its way from anybody to anybody. */
  exitSignal(from: Cell | null, to: Address, reason: ExitReason): void {
    if (from === null || (reason !== "shutdown" && reason !== "kill")) return;
    const watched = this.supervisors.get(from);
    const child = watched?.children.find(({ latest }) => latest !== null && sameActor(latest, to));
    if (watched === undefined || child === undefined || supervisorFacts(from)?.kind !== "static") return;
    const { asked } = watched;
    watched.asked = child;
    if (asked === null || asked === child || startsAnew(from, asked)) return;
    const { children } = watched;
    const before = children.indexOf(asked);
    // A temporary one is forgotten as soon as it has ended.
    if (before >= 0 && before < children.indexOf(child)) {
      this.violated(
        "shutdown order",
        `${name(from)} stops ${to.toString()} after ${String(asked.latest)}, which was started before it`,
      );
    }
    if (asked.latest === null || this.population.areApart(from, asked.latest)) return;
    if (!this.population.isAlive(from, asked.latest)) return;
    this.violated(
      "shutdown order",
      `${name(from)} stops ${to.toString()} while ${String(asked.latest)}, which it asked before, is alive`,
    );
  }

  ended(cell: Cell): void {
    const watched = this.supervisors.get(cell);
    if (watched === undefined) return;
    this.supervisors.delete(cell);
    for (const { slot } of watched.children) this.owners.delete(slot);
  }

  private countRestart(owner: Cell, child: Child): void {
    const facts = supervisorFacts(owner);
    // Started by hand: that costs nothing.
    if (facts === undefined || owner.handling instanceof CallMessage) return;
    const { restarts, withinMs } = facts.intensity;
    const second = Math.floor(owner.kernel.platform.now() / 1000);
    const oldest = second - Math.floor(withinMs / 1000);
    child.restarts = [...child.restarts.filter((each) => each >= oldest), second];
    // A restart counts when it begins, and is seen here when it is done: one may lag behind.
    if (child.restarts.length <= restarts + 1) return;
    this.violated(
      "restart intensity",
      `${name(owner)} restarted a child ${child.restarts.length} times within ${withinMs} ms; ${restarts} are allowed`,
    );
  }
}

/** This ask is not one of a row: another message has come between. */
function startsAnew({ handling }: Cell, asked: Child): boolean {
  if (handling instanceof ExitMessage)
    return asked.latest === null || !sameActor(asked.latest, handling.from);
  return handling !== null && handling.type !== "down";
}

const sameActor = (a: Address, b: Pick<Address, "host" | "vm" | "serial">): boolean =>
  a.serial === b.serial && a.vm === b.vm && a.host === b.host;

const name = ({ behavior, ref }: Cell): string => `${behavior.label} ${ref.toString()}`;
