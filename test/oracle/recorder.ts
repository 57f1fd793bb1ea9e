import type { Cell, ExitReason, KernelEvent } from "../../kernel/index.ts";
import { labelOf, ordered, textOf, type Effect } from "./effects.ts";
import { termOf } from "./term.ts";
import type { DeathWatch } from "./traced-kernel.ts";

interface Incarnation {
  readonly id: string;
  readonly attempt: number;
  readonly cell: Cell;
}

/** Writes down what happens in one case, in the words of the recordings. */
export class Recorder implements DeathWatch {
  readonly supOf: Map<string, string> = new Map();
  readonly strategyOf: Map<string, string> = new Map();
  readonly hits: Set<string> = new Set();
  private readonly attempts = new Map<string, number>();
  private readonly live = new Map<string, Incarnation>();
  private readonly last = new Map<string, Cell>();
  private readonly byCell = new Map<Cell, Incarnation>();
  private readonly byAddress = new Map<string, Incarnation>();
  private readonly dying = new Map<Cell, Effect>();
  private effects: Effect[] = [];

  attempt(id: string): number {
    const attempt = (this.attempts.get(id) ?? 0) + 1;
    this.attempts.set(id, attempt);
    return attempt;
  }

  note(kind: Effect["kind"], id: string, attempt: number, text: string): void {
    this.effects.push({ kind, id, attempt, text });
  }

  up(id: string, attempt: number, cell: Cell): void {
    const incarnation = { id, attempt, cell };
    this.live.set(id, incarnation);
    this.last.set(id, cell);
    this.byCell.set(cell, incarnation);
    this.byAddress.set(cell.ref.toString(), incarnation);
  }

  dies(cell: Cell): void {
    const incarnation = this.byCell.get(cell);
    // A start that fails is no process in the recordings.
    if (incarnation === undefined) return;
    const { id, attempt } = incarnation;
    if (this.live.get(id) === incarnation) this.live.delete(id);
    const effect: Effect = { kind: "exit", id, attempt, text: "" };
    this.effects.push(effect);
    this.dying.set(cell, effect);
  }

  died(cell: Cell, reason: ExitReason): void {
    const effect = this.dying.get(cell);
    if (effect !== undefined) effect.text = termOf(reason);
  }

  /** The living actor of this id. */
  cell(id: string): Cell | undefined {
    return this.live.get(id)?.cell;
  }

  lastCell(id: string): Cell | undefined {
    return this.last.get(id);
  }

  hit(id: string): void {
    const incarnation = this.live.get(id);
    if (incarnation !== undefined) this.hits.add(labelOf(id, incarnation.attempt));
  }

  label(address: { toString(): string }): string {
    const incarnation = this.byAddress.get(address.toString());
    return incarnation === undefined ? "?" : labelOf(incarnation.id, incarnation.attempt);
  }

  /** The live supervisors. */
  *sups(): Iterable<[id: string, cell: Cell]> {
    for (const [id, { cell }] of this.live) if (this.strategyOf.has(id)) yield [id, cell];
  }

  takeEffects(): readonly string[] {
    const taken = ordered(this.effects, this).map(textOf);
    this.effects = [];
    return taken;
  }

  reportText(event: KernelEvent): string | undefined {
    if (event.type !== "supervisor") return undefined;
    const { supervisor, report, child, reason } = event;
    return [this.label(supervisor), report, child, termOf(reason)].filter((word) => word !== "").join(" ");
  }
}
